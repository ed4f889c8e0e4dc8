import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { openDatabase } from '../context/database.ts';
import { describeMigrated, openMigrated } from '../context/migrate.ts';
import { describeError } from '../domain/errors.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { type Terminal } from '../terminal/terminal.ts';

/** `rollcall migrate`: brings tables and queue to this version; makes the embedded database where there is none. */
export function migrateCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('migrate')
    .description(
      'Brings the database to this version. `run` and `worker` do so by themselves and say so; every other command leaves the database as it is.',
    )
    .addHelpText('after', '\nExample:\n  DATABASE_URL=postgres://rollcall@db/rollcall rollcall migrate')
    .action(async () => {
      await using parts = new AsyncDisposableStack();
      const database = parts.adopt(await openDatabase(loadConfig()), (part) => part.close());
      const onError = (error: unknown) => terminal.warn(describeError(error));
      const { queue, migrated } = await openMigrated(database, { onError });
      parts.adopt(queue, (part) => part.close());
      terminal.print(describeMigrated(migrated));
    });
}
