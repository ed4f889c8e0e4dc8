import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { withDatabase } from '../context/database.ts';
import { durationOf, runStanding, type RunState, runStates } from '../domain/run.ts';
import { listRuns } from '../history/runs.ts';
import { instant, oneOf, principalOption, requirePeriod, rowCount } from '../terminal/options.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { findPrincipalMeant } from '../terminal/principal-meant.ts';
import { printRows, type Row, type RowOptions, withRowOptions } from '../terminal/rows.ts';
import { type Terminal } from '../terminal/terminal.ts';

interface RunsOptions extends RowOptions {
  limit: number;
  since?: Date;
  principal?: string;
  state?: RunState;
}

const columns = [
  'run_id',
  'principal',
  'slot',
  'trigger',
  'state',
  'started_at',
  'finished_at',
  'duration_s',
  'baseline_run_id',
  'organizations',
  'changes',
  'requests',
  'retries',
  'listings',
  'pages',
  'error',
  'conclusion',
  'cloudflare_user_id',
  'digest',
  'chain',
  'source',
] as const;

const table = [
  'run_id',
  'principal',
  'slot',
  'started_at',
  'state',
  'organizations',
  'changes',
  'requests',
  'duration_s',
  'source',
];

/** Of a narrow table: when it was due goes before when it began, which those by hand have too. */
const dispensable = ['source', 'requests', 'duration_s', 'slot', 'changes', 'organizations'];

const whole = ['state', 'source'];

const headings = {
  run_id: 'run',
  started_at: 'started',
  organizations: 'memberships',
  duration_s: 'sec',
};

/** `rollcall runs`: prints runs, newest first, 30 unless `--limit` says otherwise. */
export function runsCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  const command = new Command('runs')
    .description('Prints runs, newest first.')
    .option('--since <time>', 'begun at or after this time: ISO 8601, or an age such as 30d', instant)
    .addOption(principalOption())
    .addOption(oneOf('--state <state>', 'only those in this state', runStates))
    .option('--limit <number>', 'how many at most', rowCount, 30);
  return withRowOptions(command)
    .addHelpText('after', '\nExample:\n  rollcall runs --state failed --limit 5')
    .action(async (options: RunsOptions) => {
      requirePeriod(options);
      const config = loadConfig();
      await withDatabase(config, async ({ db }) => {
        await findPrincipalMeant(db, config, options.principal);
        const found = await listRuns(db, options);
        const note = (index: number) => found[index]?.error ?? '';
        const rows = found.map(runRow);
        const layout = { columns, table, dispensable, whole, headings };
        printRows(terminal, { rows, ...layout, note, whenEmpty: describeNone(options) }, options);
      });
    });
}

function describeNone({ principal, state, since }: RunsOptions): string {
  if (principal === undefined && state === undefined && since === undefined) return 'No runs yet.';
  const of = principal === undefined ? '' : ` of ${principal}`;
  const is = state === undefined ? ' was begun' : ` ${runStanding[state]}`;
  return `No run${of}${is}${since === undefined ? '' : `, of those begun since ${since.toISOString()}`}.`;
}

type FoundRun = Awaited<ReturnType<typeof listRuns>>[number];

function runRow(run: FoundRun): Row {
  const durationMs = durationOf(run);
  return {
    run_id: run.id,
    principal: run.principal,
    slot: run.slot,
    trigger: run.trigger,
    state: run.state,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    duration_s: durationMs === null ? null : Math.round(durationMs / 100) / 10,
    baseline_run_id: run.baselineRunId,
    organizations: run.organizations,
    changes: run.changes,
    requests: run.requests,
    retries: run.retries,
    listings: run.listings,
    pages: run.pages,
    error: run.error,
    conclusion: run.conclusion,
    cloudflare_user_id: run.cloudflareUserId,
    digest: run.digest,
    chain: run.chain,
    source: run.source,
  } satisfies Record<(typeof columns)[number], Row[string]>;
}
