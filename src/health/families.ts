import { changeKinds } from '../domain/change.ts';
import { runStates } from '../domain/run.ts';
import { type Figures, type PrincipalFigures } from '../history/figures.ts';

/** What the values of one scrape come from. */
export interface Scrape {
  figures: Figures;
  /** By the clock of this process's machine. */
  now: Date;
  version: string;
}

/** One value of a metric, with the labels that tell it from the others. */
export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** One metric of ours: all its samples have the same labels. */
export interface Family {
  name: string;
  type: 'counter' | 'gauge';
  help: string;
  labels: readonly string[];
  read: (scrape: Scrape) => Sample[];
}

/** The states in which a run stays: what is counted there never becomes less, as a counter demands. */
const finalStates = runStates.filter((state) => state !== 'running' && state !== 'held');

/**
 * Every metric of ours, in the order in which they are served. What did not happen yet is there as zero, so that the
 * first time, too, is an increase.
 */
export const families: readonly Family[] = [
  {
    name: 'rollcall_build_info',
    type: 'gauge',
    help: 'Always 1; the label is the version of rollcall.',
    labels: ['version'],
    read: ({ version }) => [{ labels: { version }, value: 1 }],
  },
  {
    name: 'rollcall_runs_running',
    type: 'gauge',
    help: 'Number of runs that are under way, on all workers.',
    labels: [],
    read: ({ figures }) => [{ labels: {}, value: figures.running }],
  },
  {
    name: 'rollcall_runs_held',
    type: 'gauge',
    help: 'Number of runs that wait for somebody to approve or reject them.',
    labels: ['principal'],
    read: eachPrincipal(({ runs }) => runs.held ?? 0),
  },
  {
    name: 'rollcall_runs_total',
    type: 'counter',
    help: 'Number of runs that ended, by the state in which they ended; those held are not among them until they are decided.',
    labels: ['principal', 'state'],
    read: eachPrincipalBy('state', finalStates, ({ runs }) => runs),
  },
  {
    name: 'rollcall_run_duration_seconds',
    type: 'gauge',
    help: 'Seconds that the newest run took that has ended.',
    labels: ['principal'],
    read: eachPrincipal(({ lastDurationSeconds }) => lastDurationSeconds),
  },
  {
    name: 'rollcall_last_complete_run_timestamp_seconds',
    type: 'gauge',
    help: 'Seconds since 1970 at which the newest complete run ended; absent while there is none.',
    labels: ['principal'],
    read: eachPrincipal(({ lastCompleteAt }) => lastCompleteAt),
  },
  {
    name: 'rollcall_principal_known_timestamp_seconds',
    type: 'gauge',
    help: 'Seconds since 1970 at which the principal was first known; 0 where no clock can be believed.',
    labels: ['principal'],
    read: eachPrincipal(({ knownAt }) => knownAt),
  },
  {
    name: 'rollcall_last_complete_run_ahead_seconds',
    type: 'gauge',
    help: 'Seconds by which the end of the newest complete run is still to come, for a clock was ahead; else 0.',
    labels: ['principal'],
    read: eachPrincipal(({ aheadSeconds }) => aheadSeconds),
  },
  {
    name: 'rollcall_clock_ahead_seconds',
    type: 'gauge',
    help: 'Seconds by which the clock of the machine that answers is ahead of the database, below 0 where it is behind.',
    labels: [],
    read: ({ figures, now }) => [{ labels: {}, value: now.getTime() / 1000 - figures.readAt }],
  },
  {
    name: 'rollcall_memberships',
    type: 'gauge',
    help: 'Number of current memberships by status: member, invited, or other for any that this version does not know.',
    labels: ['principal', 'status'],
    read: eachPrincipalBy('status', ['member', 'invited', 'other'], ({ memberships }) => memberships),
  },
  {
    name: 'rollcall_changes_total',
    type: 'counter',
    help: 'Number of changes that were stored, by kind.',
    labels: ['principal', 'kind'],
    read: eachPrincipalBy('kind', changeKinds, ({ changes }) => changes),
  },
  {
    name: 'rollcall_requests_total',
    type: 'counter',
    help: 'Number of requests to the API, repeated ones included, counted once their run has ended.',
    labels: ['principal'],
    read: eachPrincipal(({ requests }) => requests),
  },
  {
    name: 'rollcall_retries_total',
    type: 'counter',
    help: 'Number of requests to the API that repeated one that failed, counted once their run has ended.',
    labels: ['principal'],
    read: eachPrincipal(({ retries }) => retries),
  },
  {
    name: 'rollcall_deliveries',
    type: 'gauge',
    help: 'Number of deliveries in the ledger by state: pending is owed, unknown may have arrived.',
    labels: ['state'],
    read: ({ figures: { deliveries } }) =>
      samplesOf('state', ['pending', 'sent', 'failed', 'unknown'], deliveries),
  },
];

/** One sample for each principal, except where there is no value. */
function eachPrincipal(valueOf: (figures: PrincipalFigures) => number | null): Family['read'] {
  return ({ figures }) =>
    figures.principals.flatMap((of) => {
      const value = valueOf(of);
      return value === null ? [] : [{ labels: { principal: of.principal }, value }];
    });
}

/** One sample for each principal and each of the known values of a label. */
function eachPrincipalBy<Value extends string>(
  label: string,
  values: readonly Value[],
  countsOf: (figures: PrincipalFigures) => Readonly<Partial<Record<Value, number>>>,
): Family['read'] {
  return ({ figures }) =>
    figures.principals.flatMap((of) =>
      samplesOf(label, values, countsOf(of)).map(({ labels, value }) => ({
        labels: { principal: of.principal, ...labels },
        value,
      })),
    );
}

function samplesOf<Value extends string>(
  label: string,
  values: readonly Value[],
  counts: Readonly<Partial<Record<Value, number>>>,
): Sample[] {
  return values.map((value) => ({ labels: { [label]: value }, value: counts[value] ?? 0 }));
}
