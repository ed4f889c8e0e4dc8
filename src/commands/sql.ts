import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { withDatabase } from '../context/database.ts';
import { type Database } from '../database/database.ts';
import { codeOf } from '../database/explain.ts';
import { describeError, RollcallError } from '../domain/errors.ts';
import { askHistory } from '../history/query.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { type Cell, printRows, type Row, type RowOptions, withRowOptions } from '../terminal/rows.ts';
import { type Terminal } from '../terminal/terminal.ts';

/**
 * `rollcall sql QUERY`: prints what one query answers. Runs it in a read-only transaction; throws `usage` when it
 * fails.
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
        const found = await readOnly(db, query);
        if (options.json === true) {
          terminal.print(JSON.stringify(found, null, 2));
          return;
        }
        const columns = Object.keys(found[0] ?? {});
        printRows(
          terminal,
          { rows: found.map(toRow), columns, table: columns, whenEmpty: 'No rows.' },
          options,
        );
      });
    });
}

/** SQLSTATE: PostgreSQL opens a cursor for one query alone. */
const severalStatements = '42P11';

type QueryRow = Readonly<Record<string, unknown>>;

/** Through PostgreSQL's own JSON, so that numbers, times and arrays come alike from both databases. */
async function readOnly(db: Database, query: string): Promise<QueryRow[]> {
  try {
    return (await askHistory(db, query)).map((json) => JSON.parse(json, inUtc) as QueryRow);
  } catch (error) {
    const why =
      codeOf(error) === severalStatements
        ? 'expected one query, got several statements'
        : describeError(error);
    throw new RollcallError('usage', `The query failed: ${why}.`, { cause: error });
  }
}

/** A time as PostgreSQL writes it into JSON. */
const jsonTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?[+-]\d{2}:\d{2}$/;

/** Times as every other command writes them. */
function inUtc(_key: string, value: unknown): unknown {
  return typeof value === 'string' && jsonTime.test(value) ? new Date(value).toISOString() : value;
}

function toRow(found: QueryRow): Row {
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, toCell(value)]));
}

function toCell(value: unknown): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  return JSON.stringify(value);
}
