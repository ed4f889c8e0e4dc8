import { type RollCall } from '../../jobs/snapshot.ts';
import { type Attempt } from '../deliver/deliver.ts';
import { type Change } from '../domain/change.ts';
import { describeError } from '../domain/errors.ts';
import { visible } from '../domain/visible.ts';
import { changeRow } from './change-row.ts';

/** Whether a principal's roll was called and stored. */
export function isWell(call: RollCall): boolean {
  return call.outcome === 'complete';
}

/** What came of one principal's roll, for people: a line, and one for each change. */
export function describeRollCall(call: RollCall, dryRun: boolean): string[] {
  switch (call.outcome) {
    case 'complete':
      return [describeSnapshot(call, dryRun), ...call.changes.map((change) => `  ${describeChange(change)}`)];
    case 'held':
      return [
        `${call.principal}: run ${call.run.id} held, waiting for rollcall approve ${call.run.id} or reject: ${call.reason}`,
        ...call.suspects.map((change) => `  ${describeChange(change)}`),
      ];
    case 'short':
      return [`run ${call.run.id} ${call.state.replace('_', ' ')}: ${describeError(call.error)}`];
    case 'busy':
      return [
        `${call.principal}: run ${call.runId} is under way, since ${call.startedAt.toISOString()} by ${call.worker ?? 'another process'}.`,
      ];
    case 'slot_taken':
      return [`${call.principal}: this slot has had its run, ${call.runId}.`];
    case 'error':
      return [`${call.principal}: ${describeError(call.error)}`];
  }
}

type Complete = Extract<RollCall, { outcome: 'complete' }>;

function describeSnapshot({ principal, snapshot, changes }: Complete, dryRun: boolean): string {
  const { run, baseline, counts } = snapshot;
  const total = counts.members + counts.invited + counts.other;
  const run_ = dryRun ? 'dry run' : `run ${run.id} complete`;
  const seen = `${total} organizations (${counts.members} member, ${counts.invited} invited${counts.other === 0 ? '' : `, ${counts.other} other`})`;
  const compared =
    baseline === null ? 'the first snapshot, a baseline' : `${countOf(changes)} since run ${baseline.runId}`;
  return `${principal}: ${run_}: ${seen}, ${compared}`;
}

function countOf(changes: readonly Change[]): string {
  if (changes.length === 0) return 'no changes';
  return changes.length === 1 ? '1 change' : `${changes.length} changes`;
}

function describeChange(change: Change): string {
  const name = visible(change.organizationName ?? 'unnamed');
  return `${change.kind}  ${name} (${change.organizationId}): ${visible(change.before ?? '')} → ${visible(change.after ?? '')}`;
}

/** What `run --json` prints. */
export function toJson(calls: readonly RollCall[], attempts: readonly Attempt[], dryRun: boolean) {
  return {
    dry_run: dryRun,
    runs: calls.map((call) => ({ principal: call.principal, ...outcomeOf(call) })),
    deliveries: attempts.map(({ recipient, subject, outcome: { outcome, ...detail } }) => ({
      recipient,
      subject,
      outcome,
      ...detail,
    })),
  };
}

function outcomeOf(call: RollCall): Record<string, unknown> {
  switch (call.outcome) {
    case 'complete':
      return {
        state: 'complete',
        run_id: call.snapshot.run.id,
        baseline_run_id: call.snapshot.baseline?.runId ?? null,
        ...call.snapshot.counts,
        chain: call.snapshot.chain,
        changes: call.changes.map(changeRow),
      };
    case 'held':
      return {
        state: 'held',
        run_id: call.run.id,
        error: call.reason,
        suspects: call.suspects.map(changeRow),
      };
    case 'short':
      return { state: call.state, run_id: call.run.id, error: describeError(call.error) };
    case 'busy':
      return { state: 'busy', run_id: call.runId, worker: call.worker };
    case 'slot_taken':
      return { state: 'slot_taken', run_id: call.runId };
    case 'error':
      return { state: 'error', error: describeError(call.error) };
  }
}
