import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { codeOf } from '../database/explain.ts';
import { inRolledBackTransaction } from '../database/rollback.ts';

/** What a query answers: its columns by their own names, which need not differ, and the rows in their order. */
export interface Answer {
  columns: readonly string[];
  /** As PostgreSQL's JSON has them. A number that JavaScript would round is the text of it. */
  rows: readonly (readonly unknown[])[];
}

/**
 * What one query answers. It runs in a read-only transaction that is taken back, and PostgreSQL opens it as a cursor, which
 * takes one statement and no more: whatever the text, it cannot end the transaction that it is in. Throws as the database
 * does, with positions in the text as it was given.
 */
export async function askHistory(db: Database, query: string): Promise<Answer> {
  return inRolledBackTransaction(db, async (tx) => {
    await tx.execute(sql`set transaction read only`);
    await openCursor(tx, 'rollcall_question', query);
    const columns = columnsOf(await tx.execute(sql`fetch 0 from rollcall_question`));
    const rows = (await readAsJson(tx, query, columns)) ?? (await readAsIs(tx, columns));
    return { columns, rows };
  });
}

/** The text travels as a value, and is read as SQL by nobody but the cursor. */
async function openCursor(tx: Database, name: string, query: string): Promise<void> {
  await tx.execute(sql`
    select set_config('rollcall.cursor', ${name}, true), set_config('rollcall.query', ${query}, true)`);
  await tx.execute(sql`
    do $$
    declare
      answers refcursor := current_setting('rollcall.cursor');
    begin
      open answers for execute current_setting('rollcall.query');
    end $$`);
}

/** The names of a result's columns, as either driver tells them. */
function columnsOf(result: unknown): string[] {
  const told = result as { columns?: readonly { name: string }[]; fields?: readonly { name: string }[] };
  return (told.columns ?? told.fields ?? []).map(({ name }) => name);
}

/** SQLSTATE of a syntax error. */
const noSyntax = '42601';

/**
 * Through PostgreSQL's own JSON, so that numbers, times and arrays come alike from both databases, and columns of one name
 * apart. `null` for what can be asked and not be asked about, such as EXPLAIN and SHOW.
 */
async function readAsJson(
  tx: Database,
  query: string,
  columns: readonly string[],
): Promise<unknown[][] | null> {
  const keys = columns.map((_, index) => `c${index}`);
  const aliases = keys.length === 0 ? '' : `(${keys.join(', ')})`;
  const text = `select row_to_json(answer)::text as json from (\n${withoutFinalSemicolon(query)}\n) as answer${aliases}`;
  try {
    await tx.transaction((nested) => openCursor(nested, 'rollcall_answers', text));
  } catch (error) {
    if (codeOf(error) === noSyntax) return null;
    throw error;
  }
  const found = await queryRows<{ json: string }>(tx, sql`fetch all from rollcall_answers`);
  return found.map(({ json }) => {
    const row = JSON.parse(json, keepPrecision) as Record<string, unknown>;
    return keys.map((key) => row[key]);
  });
}

async function readAsIs(tx: Database, columns: readonly string[]): Promise<unknown[][]> {
  const found = await queryRows(tx, sql`fetch all from rollcall_question`);
  return found.map((row) => columns.map((name) => row[name]));
}

/** More digits than this JavaScript may round. */
const safeDigits = 15;

function keepPrecision(_key: string, value: unknown, { source = '' }: { source?: string } = {}): unknown {
  if (typeof value !== 'number' || String(value) === source) return value;
  const digits = source.replace(/e.*$/i, '').replaceAll(/^[-0.]+|\./g, '');
  return digits.length > safeDigits ? source : value;
}

/** What a query is made of, as far as a semicolon in it may be no end of it: texts, names, comments. */
const part = /[eE]'(?:[^'\\]|\\.|'')*'|'[^']*'|"[^"]*"|\$(\w*)\$.*?\$\1\$|--[^\n]*|\/\*.*?\*\/|\s+|./gsu;

/** A semicolon may end a query, also before a comment, and not stand in parentheses. */
function withoutFinalSemicolon(query: string): string {
  const parts = Array.from(query.matchAll(part), ([text]) => text);
  const last = parts.findLastIndex((text) => !/^(?:\s|--|\/\*)/.test(text));
  return parts[last] === ';' ? parts.with(last, ' ').join('') : query;
}
