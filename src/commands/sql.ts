import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { withDatabase } from '../context/database.ts';
import { type Database } from '../database/database.ts';
import { codeOf, isPassingDatabaseError } from '../database/explain.ts';
import { RollcallError } from '../domain/errors.ts';
import { type Answer, askHistory } from '../history/query.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { describeQueryFault } from '../terminal/query-fault.ts';
import { printAnswer } from '../terminal/query-answer.ts';
import { type RowOptions, withRowOptions } from '../terminal/rows.ts';
import { type Terminal } from '../terminal/terminal.ts';

/**
 * `rollcall sql QUERY`: prints what one query answers. Runs it in a read-only transaction that is taken back; throws
 * `usage` when it fails, with what psql would say.
 */
export function sqlCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  const command = new Command('sql')
    .description('Runs one SQL query over the history, read-only: on the embedded database as on PostgreSQL.')
    .argument('<query>', 'a SELECT; the tables and views are in the schema rollcall');
  return withRowOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  rollcall sql "select kind, count(*) from rollcall.change_log group by kind"',
    )
    .action(async (query: string, options: RowOptions) => {
      await withDatabase(loadConfig(), async ({ db }) => {
        printAnswer(terminal, await ask(db, query), options);
      });
    });
}

/** SQLSTATE: PostgreSQL opens a cursor for one query that reads, and for nothing else. */
const noCursor = '42P11';

async function ask(db: Database, query: string): Promise<Answer> {
  try {
    return await askHistory(db, query);
  } catch (cause) {
    const fault = describeQueryFault(cause, query);
    if (fault === null) throw cause;
    if (codeOf(cause) === noCursor) {
      throw new RollcallError(
        'usage',
        'Expected one query that reads, got several, none, or a statement of another kind: nothing was done.',
        { cause },
      );
    }
    throw new RollcallError(isPassingDatabaseError(cause) ? 'database' : 'usage', fault, { cause });
  }
}
