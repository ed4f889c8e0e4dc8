import { Command } from 'commander';
import { type Config, loadConfig } from '../config.ts';
import { withDatabase } from '../context/database.ts';
import { listPrincipals, type PrincipalStanding } from '../history/principals.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { printRows, type Row, type RowOptions, withRowOptions } from '../terminal/rows.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { principalsRenameCommand } from './principals-rename.ts';
import { principalsRestoreCommand } from './principals-restore.ts';
import { principalsRetireCommand } from './principals-retire.ts';

const columns = [
  'principal',
  'cloudflare_user_id',
  'configured',
  'retired_at',
  'run_id',
  'seen_at',
  'members',
  'invited',
] as const;

const dispensable = ['configured', 'run_id', 'invited', 'cloudflare_user_id'];

const headings = { cloudflare_user_id: 'Cloudflare user', retired_at: 'retired since', run_id: 'run' };

/** `rollcall principals`: prints who is configured or has a history; `rename`, `retire` and `restore` are below it. */
export function principalsCommand(terminal: Terminal, setStatus: SetStatus): Command {
  const command = new Command('principals')
    .description(
      'Prints who is audited: those that are configured, and those that there is history of, with the newest complete run and the memberships that it saw.',
    )
    .enablePositionalOptions();
  return withRowOptions(command)
    .addHelpText('after', '\nExamples:\n  rollcall principals\n  rollcall principals rename legacy legacy-2')
    .action(async (options: RowOptions) => {
      const config = loadConfig();
      await withDatabase(config, async ({ db }) => {
        const rows = rowsOf(await listPrincipals(db), config);
        const whenEmpty = 'No principals: none is configured, and there is no history of any.';
        printRows(terminal, { rows, columns, table: columns, dispensable, headings, whenEmpty }, options);
      });
    })
    .addCommand(principalsRenameCommand(terminal, setStatus))
    .addCommand(principalsRetireCommand(terminal, setStatus))
    .addCommand(principalsRestoreCommand(terminal, setStatus));
}

/** Those that the database knows and those that are configured, by name. */
function rowsOf(known: readonly PrincipalStanding[], { principals }: Config): Row[] {
  const heardOf = new Set(known.map(({ principal }) => principal));
  const unheardOf = principals.filter(({ name }) => !heardOf.has(name)).map(({ name }) => standingOf(name));
  const configured = new Set(principals.map(({ name }) => name));
  return [...known, ...unheardOf]
    .toSorted((left, right) => (left.principal < right.principal ? -1 : 1))
    .map((standing) => rowOf(standing, configured.has(standing.principal)));
}

/** Of one that no run has been tried for. */
function standingOf(principal: string): PrincipalStanding {
  const nothing = { cloudflareUserId: null, retiredAt: null, lastComplete: null };
  return { principal, ...nothing, members: 0, invited: 0, other: 0 };
}

/** Who is retired has no current memberships, and of whom was never seen none are known. */
function rowOf(standing: PrincipalStanding, configured: boolean): Row {
  const { principal, cloudflareUserId, retiredAt, lastComplete, members, invited } = standing;
  const isCurrent = retiredAt === null && lastComplete !== null;
  return {
    principal,
    cloudflare_user_id: cloudflareUserId,
    configured,
    retired_at: retiredAt,
    run_id: lastComplete?.runId ?? null,
    seen_at: lastComplete?.finishedAt ?? null,
    members: isCurrent ? members : null,
    invited: isCurrent ? invited : null,
  } satisfies Record<(typeof columns)[number], Row[string]>;
}
