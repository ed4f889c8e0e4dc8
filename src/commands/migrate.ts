import { Command } from 'commander';
import { type Config, loadConfig } from '../config.ts';
import { systemNow } from '../context/clock.ts';
import { openDatabase } from '../context/database.ts';
import { findEmbedded, moveFromEmbedded } from '../context/from-embedded.ts';
import { describeMigrated, openMigrated } from '../context/migrate.ts';
import { type OpenDatabase } from '../database/database.ts';
import { makeReader, quoted, requireRoleName } from '../database/reader.ts';
import { describeError, RollcallError } from '../domain/errors.ts';
import { type Queue } from '../queue/queue.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { type Terminal } from '../terminal/terminal.ts';

interface MigrateOptions {
  readerRole?: string;
  fromEmbedded?: string;
}

/**
 * `rollcall migrate`: brings tables and queue to this version; makes the embedded database where there is none. With
 * `--reader-role` it also makes a role that reads the history and nothing else.
 */
export function migrateCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('migrate')
    .description(
      'Brings the database to this version. `run` and `worker` do so by themselves and say so; every other command leaves the database as it is.',
    )
    .option(
      '--reader-role <name>',
      'also make a PostgreSQL role that reads the history and nothing else, or bring it to this version',
    )
    .option(
      '--from-embedded <folder>',
      'also copy the history of the embedded database in this folder into the empty one that DATABASE_URL names',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  DATABASE_URL=postgres://rollcall@db/rollcall rollcall migrate\n  rollcall migrate --reader-role dashboards\n  DATABASE_URL=postgres://rollcall@db/rollcall rollcall migrate --from-embedded ./data',
    )
    .action(async ({ readerRole, fromEmbedded }: MigrateOptions) => {
      const config = loadConfig();
      if (readerRole !== undefined) requireRole(readerRole, config);
      const source = fromEmbedded === undefined ? null : requireSource(fromEmbedded, config);
      await using parts = new AsyncDisposableStack();
      const database = parts.adopt(await openDatabase(config), (part) => part.close());
      const onError = (error: unknown) => terminal.warn(describeError(error));
      const { queue, migrated } = await openMigrated(database, { onError });
      parts.adopt(queue, (part) => part.close());
      terminal.print(describeMigrated(migrated));
      if (source !== null) await move(terminal, source, { database, queue });
      if (readerRole === undefined) return;
      terminal.print(describeReader(readerRole, await makeReader(database.db, readerRole)));
    });
}

/** Before anything is done. */
function requireSource(folder: string, { databaseUrl }: Config): string {
  if (databaseUrl !== null) return findEmbedded(folder);
  throw new RollcallError(
    'usage',
    '--from-embedded needs a PostgreSQL in DATABASE_URL to copy the history into; nothing was done.',
  );
}

async function move(
  terminal: Terminal,
  source: string,
  { database, queue }: { database: OpenDatabase; queue: Queue },
): Promise<void> {
  const onCopied = (table: string, rows: number) => terminal.progress(`${table}: ${rows} rows copied`);
  const { rows, owed, heads } = await moveFromEmbedded(source, {
    to: database,
    queue,
    now: systemNow(),
    onCopied,
  });
  for (const { principal, runId, chain } of heads)
    terminal.print(`${principal}: the chain matches on both sides, up to run ${runId}: ${chain}`);
  const mails = owed === 0 ? '' : `, ${owed === 1 ? '1 mail' : `${owed} mails`} still to be sent among them`;
  terminal.print(
    `The history of ${source} is in the ${database.description}: ${rows} rows${mails}. The folder stays as it was, marked as moved.`,
  );
}

/** Before anything is done. */
function requireRole(name: string, { databaseUrl }: Config): void {
  requireRoleName(name);
  if (databaseUrl !== null) return;
  throw new RollcallError(
    'usage',
    '--reader-role needs a PostgreSQL in DATABASE_URL: the embedded database serves one process and has no other users; nothing was done.',
  );
}

function describeReader(name: string, outcome: 'made' | 'updated'): string {
  const reads = `The role ${name} reads the history of this version and nothing else`;
  return outcome === 'updated'
    ? `${reads}.`
    : `${reads}. It has no password yet: \`\\password ${quoted(name)}\` in psql gives it one.`;
}
