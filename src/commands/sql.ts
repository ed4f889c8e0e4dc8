import { Command } from 'commander';
import { sql } from 'drizzle-orm';
import { loadConfig } from '../config.ts';
import { withContext } from '../context.ts';
import { type Database, queryRows } from '../database/database.ts';
import { describeError, RollcallError } from '../domain/errors.ts';
import { type Report } from './program.ts';
import { type Cell, printRows, type Row, type RowOptions, withRowOptions } from './rows.ts';
import { type Terminal } from './terminal.ts';

export function sqlCommand(terminal: Terminal, _report: Report): Command {
  const command = new Command('sql')
    .summary('ask the history a question in SQL')
    .description('Runs one SQL query over the history, read-only: on the embedded database as on PostgreSQL.')
    .argument('<query>', 'a SELECT; the tables and views are in the schema rollcall');
  return withRowOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  rollcall sql "select kind, count(*) from rollcall.change_log group by kind"',
    )
    .action(async (query: string, options: RowOptions) => {
      await withContext({ config: loadConfig() }, async ({ db }) => {
        const rows = await readOnly(db, query);
        const columns = Object.keys(rows[0] ?? {});
        printRows(terminal, { rows, columns, table: columns, whenEmpty: 'No rows.' }, options);
      });
    });
}

async function readOnly(db: Database, query: string): Promise<Row[]> {
  try {
    return await db.transaction(
      async (tx) => {
        const rows = await queryRows(tx, sql.raw(query));
        return rows.map((row) =>
          Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toCell(value)])),
        );
      },
      { accessMode: 'read only' },
    );
  } catch (error) {
    throw new RollcallError('usage', `The query failed: ${describeError(error)}.`, { cause: error });
  }
}

function toCell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Date) return value;
  if (typeof value === 'bigint') return value.toString();
  return Array.isArray(value) ? value.map(String) : JSON.stringify(value);
}
