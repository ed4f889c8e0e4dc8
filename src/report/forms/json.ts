import { type Change, type ChangeKind, changeKinds } from '../../domain/change.ts';
import { type PrincipalNights } from '../../domain/nights.ts';
import { type ReportKind } from '../../domain/report.ts';
import {
  type EventChange,
  type EventPrincipal,
  type EventRun,
  type ReportEvent,
} from '../../domain/report-event.ts';
import { listedByOneAlone } from '../../domain/source-change.ts';
import { visible } from '../../domain/visible.ts';
import { changeRow } from '../columns.ts';
import { type CompleteRun, type FailedRun, type ReportedRun } from '../told.ts';
import { type CsvFile } from './csv.ts';

/** What a report is about, before anything is said of it. */
export interface Facts {
  /** When what it tells was so. */
  at: Date;
  /** Default: none, as in a digest. */
  principal?: string;
  /** Default: it is about no run. */
  run?: EventRun;
  /** Default: it refers to none. */
  lastComplete?: CompleteRun | null;
  /** Default: none. */
  changes?: readonly Change[];
  /** Default: none. */
  nights?: readonly PrincipalNights[];
  /** Why a run is held, or what failed. Default: nothing did. */
  reason?: string;
  /** Default: it has none. */
  csv?: CsvFile | null;
}

/** A report before it is written as JSON: its facts, and what is said of them. */
export interface EventContent {
  facts: Facts;

  kind: ReportKind;
  subject: string;
  headline: string;
  alert: string | null;
  /** What wants attention, of a digest. */
  needs: readonly string[];
  /** What to type next, one command each. */
  doNext: readonly string[];
}

/** In characters. */
const longestReason = 1_000;

/** How many changes, or principals of a digest, are listed one by one. */
const mostListed = 2_000;

/** How many bytes the list may take, so that no receiver refuses the whole for its size. */
const mostBytes = 1_000_000;

/** A report as JSON, for webhooks: a few kilobytes on most nights, and little more than a megabyte at most. */
export function writeJson({ facts, kind, subject, headline, alert, needs, doNext }: EventContent): string {
  const {
    at,
    principal = null,
    run = null,
    lastComplete = null,
    changes = [],
    nights = [],
    reason,
    csv,
  } = facts;
  const rows = listAsFits(changes, (change) => changeRow(change) as EventChange);
  const principals = listAsFits(nights, nightsRow);
  const event: ReportEvent = {
    schema: 1,
    type: `rollcall.${kind}`,
    timestamp: at.toISOString(),
    data: {
      subject,
      headline,
      alert,
      reason: reason === undefined ? null : visible(reason, longestReason),
      principal,
      run,
      last_complete:
        lastComplete === null
          ? null
          : {
              id: lastComplete.runId,
              finished_at: lastComplete.finishedAt.toISOString(),
              chain: lastComplete.chain,
            },
      counts: countKinds(changes.map(({ kind }) => ({ kind, count: 1 }))),
      changes: rows.listed,
      changes_left_out: rows.leftOut,
      principals: principals.listed,
      principals_left_out: principals.leftOut,
      needs: [...needs],
      do_next: [...doNext],
      csv: csv == null ? null : { filename: csv.filename, sha256: csv.sha256 },
    },
  };
  return JSON.stringify(event);
}

/** The first of them, and how many are left out: by their number, or as the next would make the list too long. */
function listAsFits<T, Row>(all: readonly T[], write: (one: T) => Row): { listed: Row[]; leftOut: number } {
  const listed: Row[] = [];
  let bytes = 0;
  for (const one of all.slice(0, mostListed)) {
    const row = write(one);
    bytes += Buffer.byteLength(JSON.stringify(row)) + 1;
    if (bytes > mostBytes) break;
    listed.push(row);
  }
  return { listed, leftOut: all.length - listed.length };
}

function nightsRow({
  changes,
  principal,
  complete,
  held,
  failed,
  missed,
  ...standing
}: PrincipalNights): EventPrincipal {
  const { members, invited, other, superAdministrators, chain } = standing;
  return {
    principal,
    complete,
    held,
    failed,
    missed,
    counts: countKinds(changes),
    members,
    invited,
    other,
    super_administrators: superAdministrators,
    chain,
  };
}

function countKinds(
  counted: readonly { kind: ChangeKind; count: number }[],
): Partial<Record<ChangeKind, number>> {
  const sums = new Map<ChangeKind, number>();
  for (const { kind, count } of counted) sums.set(kind, (sums.get(kind) ?? 0) + count);
  return Object.fromEntries(changeKinds.flatMap((kind) => (sums.has(kind) ? [[kind, sums.get(kind)]] : [])));
}

/** A run that saw a snapshot, believed or held. */
export function eventRunOf(run: ReportedRun, state: 'complete' | 'held'): EventRun {
  const { window } = run;
  return {
    id: run.runId,
    state,
    finished_at: run.finishedAt.toISOString(),
    baseline_run_id: run.baselineRunId,
    not_before: window?.notBefore.toISOString() ?? null,
    not_after: window?.notAfter.toISOString() ?? null,
    chain: run.chain,
    members: run.members,
    invited: run.invited,
    other: run.other,
    missed_runs: run.missedRuns,
    identity_checked: run.identityChecked,
    source_change: sourceChangeOf(run),
  };
}

function sourceChangeOf({ sourceChange }: ReportedRun): EventRun['source_change'] {
  if (sourceChange === null) return null;
  const { from, to, heldByPolicy } = sourceChange;
  return { from, to, held_by_policy: heldByPolicy.length, note: listedByOneAlone };
}

/** The same for a reader who gets some of the changes: where the principal stands is for those who get all. */
export function withoutStanding(run: EventRun): EventRun {
  return { ...run, members: null, invited: null, other: null };
}

/** A run that ended without a snapshot. */
export function eventRunWithoutSnapshot({ runId, state, finishedAt }: FailedRun): EventRun {
  return {
    id: runId,
    state,
    finished_at: finishedAt.toISOString(),
    baseline_run_id: null,
    not_before: null,
    not_after: null,
    chain: null,
    members: null,
    invited: null,
    other: null,
    missed_runs: null,
    identity_checked: null,
    source_change: null,
  };
}
