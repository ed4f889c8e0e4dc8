import { type RollCall } from '../pipeline/roll-call.ts';
import { type Attempt } from '../deliver/attempt.ts';
import { type Change, changeKinds } from '../domain/change.ts';
import { describeError, RollcallError } from '../domain/errors.ts';
import { type RunSource, sourcePaths } from '../domain/run.ts';
import { shellWord } from '../domain/shell-word.ts';
import { type SourceChange } from '../domain/source-change.ts';
import { describeChange } from './change-line.ts';
import { changeRow } from '../report/columns.ts';

/** Whether a principal's roll was called and stored. */
export function isWell(call: RollCall): boolean {
  return call.outcome === 'complete';
}

/** What came of one principal's roll, for people: a line, and one for each change. */
export function describeRollCall(call: RollCall, dryRun: boolean): string[] {
  switch (call.outcome) {
    case 'complete':
      return [describeSnapshot(call, dryRun), ...describeSource(call), ...indent(call.snapshot.changes)];
    case 'held':
      return [describeHeld(call, dryRun), ...indent(call.suspects)];
    case 'short':
      return [`run ${call.run.id} ${call.state.replace('_', ' ')}: ${describeError(call.error)}`];
    case 'interrupted':
      return [`run ${call.run.id} interrupted: ${describeError(call.error)}`];
    case 'busy':
      return [
        `${call.principal}: run ${call.runId} is under way, since ${call.startedAt.toISOString()} by ${call.worker ?? 'another process'}.`,
      ];
    case 'slot_taken':
      return [`${call.principal}: this slot has had its run, ${call.runId}.`];
    case 'retired':
      return [
        `${call.principal}: retired since ${call.since.toISOString()}, so no run was begun. Take it out of the configuration, or bring it back: rollcall principals restore ${shellWord(call.principal)}`,
      ];
    case 'error':
      // Our own errors name the principal already.
      return [
        call.error instanceof RollcallError
          ? call.error.message
          : `${call.principal}: ${describeError(call.error)}`,
      ];
  }
}

type Complete = Extract<RollCall, { outcome: 'complete' }>;

interface Sourced {
  source: RunSource;
}

function describeSnapshot({ principal, snapshot }: Complete, dryRun: boolean): string {
  const { run, baseline, counts, changes } = snapshot;
  const how = dryRun ? 'dry run' : `run ${run.id} complete`;
  const compared =
    baseline === null ? 'the first snapshot, a baseline' : `${countOf(changes)} since run ${baseline.runId}`;
  return `${principal}: ${how}: ${describeCounts(counts)}, ${compared}`;
}

/** Where the source changed: fewer things are compared on that night. */
function describeSource({ snapshot: { run, baseline } }: Complete): string[] {
  const change = changeOfSource(run, baseline);
  return change === null
    ? []
    : [
        `  read from ${sourcePaths[change.to]}, the run before from ${sourcePaths[change.from]}: name, status and roles are compared`,
      ];
}

function changeOfSource(run: Sourced, baseline: Sourced | null): SourceChange | null {
  if (baseline === null || baseline.source === run.source) return null;
  return { from: baseline.source, to: run.source };
}

function describeHeld({ principal, run, reason }: Extract<RollCall, { outcome: 'held' }>, dryRun: boolean) {
  return dryRun
    ? `${principal}: dry run: it would be held: ${reason}`
    : `${principal}: run ${run.id} held, waiting for rollcall approve ${run.id} or reject: ${reason}`;
}

/** `129 organizations (115 member, 13 invited, 1 other)` */
export function describeCounts({ members, invited, other }: Complete['snapshot']['counts']): string {
  const parts = [`${members} member`, `${invited} invited`, ...(other === 0 ? [] : [`${other} other`])];
  return `${members + invited + other} organizations (${parts.join(', ')})`;
}

function countOf(changes: readonly Change[]): string {
  if (changes.length === 0) return 'no changes';
  return changes.length === 1 ? '1 change' : `${changes.length} changes`;
}

/** Lost access first, as in the mail. */
function byWeight(left: Change, right: Change): number {
  return changeKinds.indexOf(left.kind) - changeKinds.indexOf(right.kind);
}

function indent(changes: readonly Change[]): string[] {
  return changes.toSorted(byWeight).map((change) => `  ${describeChange(change)}`);
}

/** What `run --json` prints. */
export function toJson(calls: readonly RollCall[], attempts: readonly Attempt[], dryRun: boolean) {
  return {
    dry_run: dryRun,
    runs: calls.map((call) => ({ principal: call.principal, ...outcomeOf(call, dryRun) })),
    deliveries: attempts.map(({ recipient, subject, outcome: { outcome, ...detail } }) => ({
      recipient,
      subject,
      outcome,
      ...detail,
    })),
  };
}

function outcomeOf(call: RollCall, dryRun: boolean): Record<string, unknown> {
  // What is taken back has no number that anybody could ask for.
  const rowOf = (change: Change) => ({
    ...changeRow(change),
    ...(dryRun ? { change_id: null, run_id: null } : {}),
  });
  switch (call.outcome) {
    case 'complete':
      return {
        state: 'complete',
        run_id: dryRun ? null : call.snapshot.run.id,
        baseline_run_id: call.snapshot.baseline?.runId ?? null,
        ...call.snapshot.counts,
        chain: dryRun ? null : call.snapshot.chain,
        changes: call.snapshot.changes.map(rowOf),
        source: call.snapshot.run.source,
        source_change: changeOfSource(call.snapshot.run, call.snapshot.baseline),
      };
    case 'held':
      return {
        state: 'held',
        run_id: dryRun ? null : call.run.id,
        error: call.reason,
        suspects: call.suspects.map(rowOf),
        source: call.run.source,
      };
    case 'short':
      return { state: call.state, run_id: call.run.id, error: describeError(call.error) };
    case 'interrupted':
      return { state: 'interrupted', run_id: call.run.id, error: describeError(call.error) };
    case 'busy':
      return { state: 'busy', run_id: call.runId, worker: call.worker };
    case 'slot_taken':
      return { state: 'slot_taken', run_id: call.runId };
    case 'retired':
      return { state: 'retired', retired_at: call.since };
    case 'error':
      return { state: 'error', error: describeError(call.error) };
  }
}
