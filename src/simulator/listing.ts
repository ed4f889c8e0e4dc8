import { type Answer, type Envelope } from './answers.ts';
import { type ListParameters, type Order } from './parameters.ts';
import { type ListedOrganization, type SimulatedPrincipal } from './principal.ts';
import { createRandom } from './random.ts';

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

/**
 * One page, as the API would send it. By the schema `total_count` is the number without any search parameters;
 * `total_pages`, which the schema lacks and sibling lists send, goes with it. Roles and permissions come in an order
 * that differs from request to request, because nothing guarantees one.
 */
export function listPage(
  principal: SimulatedPrincipal,
  rows: readonly ListedOrganization[],
  { window, turn }: { window: Window; turn: number },
): Answer {
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
      total_count: principal.size,
      total_pages: Math.ceil(principal.size / window.perPage),
    },
  };
  return { status: 200, json: envelope };
}

/** One organization with its sets in the order of this request. */
export function turnSets(organization: ListedOrganization, turn: number): ListedOrganization {
  const { roles, permissions } = organization;
  if (!Array.isArray(roles) || !Array.isArray(permissions)) return organization;
  return { ...organization, roles: rotate(roles, turn), permissions: rotate(permissions, turn) };
}

function rotate(values: readonly unknown[], turn: number): readonly unknown[] {
  const by = values.length === 0 ? 0 : turn % values.length;
  return [...values.slice(by), ...values.slice(0, by)];
}

/** Rows in the order asked, sorted once for each state of a roll: 20,000 rows make hundreds of pages. */
export class OrderedRows {
  readonly #kept = new WeakMap<
    SimulatedPrincipal,
    { version: number; rows: Map<string, readonly ListedOrganization[]> }
  >();

  /**
   * The rows that pass the filters, in order; `turn` is the number of the request. Ties go by id. Without an order
   * every request has one of its own, so that a client that sends none loses rows and sees others twice.
   */
  of(principal: SimulatedPrincipal, parameters: ListParameters, turn: number): readonly ListedOrganization[] {
    if (parameters.order === null) {
      const rows = filterRows(principal.listed, parameters);
      return createRandom(`turn/${turn}`).sample(rows, rows.length);
    }
    let kept = this.#kept.get(principal);
    if (kept?.version !== principal.version) {
      kept = { version: principal.version, rows: new Map() };
      this.#kept.set(principal, kept);
    }
    const { filters, match, order, direction } = parameters;
    const key = JSON.stringify([filters, match, order, direction]);
    const rows = kept.rows.get(key) ?? sortRows(filterRows(principal.listed, parameters), order, direction);
    kept.rows.set(key, rows);
    return rows;
  }
}

/** A filter asks for the very value: the schema does not say that part of a name would do. */
function filterRows(
  rows: readonly ListedOrganization[],
  { filters, match }: ListParameters,
): readonly ListedOrganization[] {
  const asked = Object.entries(filters);
  if (asked.length === 0) return rows;
  return rows.filter((row) => {
    return match === 'all'
      ? asked.every(([field, value]) => row[field] === value)
      : asked.some(([field, value]) => row[field] === value);
  });
}

function sortRows(
  rows: readonly ListedOrganization[],
  order: Order,
  direction: 'asc' | 'desc',
): readonly ListedOrganization[] {
  const sign = direction === 'asc' ? 1 : -1;
  const keyed = rows.map((row) => ({ row, key: textOf(row[order]), id: textOf(row['id']) }));
  keyed.sort((left, right) => sign * (compare(left.key, right.key) || compare(left.id, right.id)));
  return keyed.map(({ row }) => row);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
