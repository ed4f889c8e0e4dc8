import { type Answer, type Envelope } from './answers.ts';
import { type Filter, type ListParameters } from './parameters.ts';
import { type SimulatedPrincipal } from './principal.ts';
import { createRandom } from './random.ts';
import { fieldAt, type ListedRow } from './rows.ts';

/** Which rows of a listing are served, and what is said of them: `page` and `perPage` are only echoed. */
export interface Window {
  readonly page: number;
  readonly perPage: number;
  readonly start: number;
  readonly end: number;
}

/** The rows that a page stands for; they may lie beyond the end of the roll. */
export function windowOf({ page, perPage }: ListParameters): Window {
  return { page, perPage, start: (page - 1) * perPage, end: page * perPage };
}

/** What a page says of the request and of the whole listing. */
interface PageOf {
  readonly window: Window;
  readonly turn: number;
  /** All rows of the listing, whatever the filters. */
  readonly total: number;
}

/**
 * One page, as the API would send it. By the schema `total_count` is the number without any search parameters;
 * `total_pages`, which the schema lacks and sibling lists send, goes with it. Sets come in an order that differs from
 * request to request, because nothing guarantees one.
 */
export function listPage(rows: readonly ListedRow[], { window, turn, total }: PageOf): Answer {
  const result = rows.slice(Math.max(0, window.start), Math.max(0, window.end));
  const envelope: Envelope = {
    success: true,
    errors: [],
    messages: [],
    result: result.map((row) => turnSets(row, turn)),
    result_info: {
      page: window.page,
      per_page: window.perPage,
      count: result.length,
      total_count: total,
      total_pages: Math.ceil(total / window.perPage),
    },
  };
  return { status: 200, json: envelope };
}

const sets = ['roles', 'permissions', 'policies'];

/** One row with its sets in the order of this request. */
export function turnSets(row: ListedRow, turn: number): ListedRow {
  const turned = sets.flatMap((field) => {
    const values = row[field];
    return Array.isArray(values) ? [[field, rotate(values, turn)] as const] : [];
  });
  return { ...row, ...Object.fromEntries(turned) };
}

function rotate(values: readonly unknown[], turn: number): readonly unknown[] {
  const by = values.length === 0 ? 0 : turn % values.length;
  return [...values.slice(by), ...values.slice(0, by)];
}

/** Rows in the order asked, sorted once for each state of a roll: 20,000 rows make hundreds of pages. */
export class OrderedRows {
  readonly #kept = new WeakMap<
    SimulatedPrincipal,
    { version: number; rows: Map<string, readonly ListedRow[]> }
  >();

  /**
   * The rows that pass the filters, in order; `turn` is the number of the request. Ties go by id. Without an order
   * every request has one of its own, so that a client that sends none loses rows and sees others twice.
   */
  of(principal: SimulatedPrincipal, parameters: ListParameters, turn: number): readonly ListedRow[] {
    const { endpoint, filters, match, order, direction } = parameters;
    if (order === null) {
      const rows = filterRows(principal.rows(endpoint), parameters);
      return createRandom(`turn/${turn}`).sample(rows, rows.length);
    }
    let kept = this.#kept.get(principal);
    if (kept?.version !== principal.version) {
      kept = { version: principal.version, rows: new Map() };
      this.#kept.set(principal, kept);
    }
    const key = JSON.stringify([endpoint, filters, match, order, direction]);
    const rows =
      kept.rows.get(key) ?? sortRows(filterRows(principal.rows(endpoint), parameters), order, direction);
    kept.rows.set(key, rows);
    return rows;
  }
}

/** A filter asks for the very value: the schema does not say that part of a name would do. */
function filterRows(rows: readonly ListedRow[], { filters, match }: ListParameters): readonly ListedRow[] {
  if (filters.length === 0) return rows;
  return rows.filter((row) => {
    const agrees = ({ path, value }: Filter): boolean => fieldAt(row, path) === value;
    return match === 'all' ? filters.every(agrees) : filters.some(agrees);
  });
}

function sortRows(
  rows: readonly ListedRow[],
  order: string,
  direction: 'asc' | 'desc',
): readonly ListedRow[] {
  const sign = direction === 'asc' ? 1 : -1;
  const keyed = rows.map((row) => ({ row, key: textOf(fieldAt(row, order)), id: textOf(row['id']) }));
  keyed.sort((left, right) => sign * (compare(left.key, right.key) || compare(left.id, right.id)));
  return keyed.map(({ row }) => row);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
