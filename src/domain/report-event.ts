import { type SuperAdministratorStep } from './access.ts';
import { type ChangeKind } from './change.ts';
import { type ReportKind } from './report.ts';
import { type SourceChange } from './source-change.ts';

/** A report as webhooks get it, down to the names of its JSON. Fields are added, and none is renamed or taken away. */
export interface ReportEvent {
  /** Of this form. */
  schema: 1;
  /** `rollcall.test` is sent by `check` alone, and is no report. */
  type: `rollcall.${ReportKind | 'test'}`;
  /** What it tells was so at this time: ISO 8601, as every time in it. */
  timestamp: string;
  data: ReportEventData;
}

/** What a report says. */
export interface ReportEventData {
  subject: string;
  /** The first line of the mail. */
  headline: string;
  /** What must not be overlooked; `null` when there is nothing of the kind. */
  alert: string | null;
  /** Why a run is held, or what failed; `null` when nothing did. */
  reason: string | null;
  /** `null` in a digest. */
  principal: string | null;
  /** `null` where it is about no run. */
  run: EventRun | null;
  /** The newest complete run before; `null` where there is none, or the report refers to none. */
  last_complete: { id: number; finished_at: string; chain: string } | null;
  /** How many changes of each kind there are, listed here or not; kinds without any are left out. */
  counts: Readonly<Partial<Record<ChangeKind, number>>>;
  changes: readonly EventChange[];
  /** How many are only in the CSV. */
  changes_left_out: number;
  /** Of a digest: what the nights of each principal came to. */
  principals: readonly EventPrincipal[];
  /** How many more principals the digest is about. */
  principals_left_out: number;
  /** Of a digest: what wants attention. */
  needs: readonly string[];
  /** Commands as they can be typed. */
  do_next: readonly string[];
  /** `null` where there is no CSV. */
  csv: { filename: string; sha256: string } | null;
}

/** The run that a report is about. */
export interface EventRun {
  id: number;
  /** As `runs.state` has it. */
  state: 'complete' | 'held' | 'incomplete' | 'failed' | 'timed_out';
  finished_at: string;
  /** What it was compared with; `null` for a first run, and for one without a snapshot. */
  baseline_run_id: number | null;
  /** The window in which its changes happened; `null` likewise. */
  not_before: string | null;
  not_after: string | null;
  /** The head of the hash chain after it, or while it is held, before; `null` for a run without a snapshot. */
  chain: string | null;
  /** Memberships by their status; `null` likewise, and where the reader gets some of the changes alone. */
  members: number | null;
  invited: number | null;
  other: number | null;
  /** Runs between the baseline and this one that stored nothing. */
  missed_runs: number | null;
  identity_checked: boolean | null;
  /**
   * That it was read from another source than its baseline, and in how many organizations a policy alone gives Super
   * Administrator, which is not told as gained or lost, with a note on what joined and left may mean; `null` where it was not, and where the reader gets some of the changes alone.
   */
  source_change: (SourceChange & { held_by_policy: number; note: string }) | null;
}

/** A change, under the names of the CSV's columns. */
export interface EventChange extends Readonly<Record<string, unknown>> {
  kind: ChangeKind;
  organization_id: string;
  organization_name: string | null;
  before: string | null;
  after: string | null;
  added: readonly string[];
  removed: readonly string[];
  offered: readonly string[];
  super_administrator: SuperAdministratorStep | null;
}

/** What a principal's nights came to, and where it stands now. */
export interface EventPrincipal {
  principal: string;
  complete: number;
  held: number;
  failed: number;
  missed: number;
  counts: Readonly<Partial<Record<ChangeKind, number>>>;
  members: number | null;
  invited: number | null;
  other: number | null;
  super_administrators: number | null;
  chain: string | null;
}
