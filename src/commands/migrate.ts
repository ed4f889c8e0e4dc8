import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { openDatabase } from '../context.ts';
import { migrate } from '../database/migrate.ts';
import { describeError } from '../domain/errors.ts';
import { openQueue } from '../queue/pg-boss.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { type Terminal } from '../terminal/terminal.ts';

export function migrateCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('migrate')
    .summary('bring the database to this version')
    .description(
      'Brings the database to this version. Every command that needs the database does so by itself.',
    )
    .addHelpText('after', '\nExample:\n  DATABASE_URL=postgres://rollcall@db/rollcall rollcall migrate')
    .action(async () => {
      const database = await openDatabase(loadConfig());
      try {
        const applied = await migrate(database.db);
        const queue = await openQueue(database, { onError: (error) => terminal.warn(describeError(error)) });
        await queue.close();
        const what = applied.length === 0 ? 'nothing to do' : `applied ${applied.join(', ')}`;
        terminal.print(`${database.description}: ${what}; the database is at this version.`);
      } finally {
        await database.close();
      }
    });
}
