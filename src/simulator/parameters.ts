import { type Answer, refused } from './answers.ts';
import { type ListEndpoint } from './endpoints.ts';

/** What a listing is asked for, within the schema's bounds. */
export interface ListParameters {
  readonly endpoint: ListEndpoint;
  readonly page: number;
  readonly perPage: number;
  /** The path of a field; `null` when the request names no order: then pages have none in common. */
  readonly order: string | null;
  readonly direction: 'asc' | 'desc';
  readonly filters: readonly Filter[];
  readonly match: 'any' | 'all';
}

/** What a row must say at a path such as `account.name`. */
export interface Filter {
  readonly path: string;
  readonly value: string;
}

/** What the schema lets one listing be asked for, beside its pages and direction. */
interface Schema {
  readonly orders: readonly string[];
  readonly statuses: readonly string[];
  /** Parameters that ask for a name, and where a row says it. */
  readonly names: Readonly<Record<string, string>>;
  readonly matches: readonly ('any' | 'all')[];
}

const schemas: Readonly<Record<ListEndpoint, Schema>> = {
  list: {
    orders: ['id', 'name', 'status'],
    statuses: ['member', 'invited'],
    names: { name: 'name' },
    matches: ['any', 'all'],
  },
  memberships: {
    orders: ['id', 'account.name', 'status'],
    statuses: ['accepted', 'pending', 'rejected'],
    names: { name: 'account.name', 'account.name': 'account.name' },
    matches: [],
  },
};

/** Reads a listing's parameters by its schema, or gives the answer that says which of them is out of bounds. */
export function readListParameters(endpoint: ListEndpoint, query: URLSearchParams): ListParameters | Answer {
  const faults: string[] = [];
  const number = (name: string, fallback: number, [least, most]: readonly [number, number]): number => {
    const text = query.get(name);
    if (text === null) return fallback;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    const bounds = most === Infinity ? `of at least ${least}` : `between ${least} and ${most}`;
    faults.push(`${name} variable must be a number ${bounds}`);
    return fallback;
  };
  const choice = <T extends string>(name: string, choices: readonly T[]): T | null => {
    const text = query.get(name);
    const chosen = choices.find((value) => value === text) ?? null;
    if (text !== null && chosen === null)
      faults.push(`${name} variable must be one of ${choices.join(', ')}`);
    return chosen;
  };
  const filter = (path: string, value: string | null): Filter[] => (value === null ? [] : [{ path, value }]);
  const { orders, statuses, names, matches } = schemas[endpoint];
  const byName = Object.entries(names).flatMap(([name, path]) => {
    const value = query.get(name);
    if (value !== null && value.length > 100)
      faults.push(`${name} variable must have at most 100 characters`);
    return filter(path, value);
  });
  const parameters: ListParameters = {
    endpoint,
    page: number('page', 1, [1, Infinity]),
    perPage: number('per_page', 20, [5, 50]),
    order: choice('order', orders),
    direction: choice('direction', ['asc', 'desc']) ?? 'asc',
    filters: [...byName, ...filter('status', choice('status', statuses))],
    match: (matches.length === 0 ? null : choice('match', matches)) ?? 'all',
  };
  return faults.length === 0 ? parameters : invalidRequest(faults);
}

/** The refusal of a request whose parameters or body are out of bounds; says each fault. */
export function invalidRequest(faults: readonly string[]): Answer {
  return refused(400, {
    code: 6008,
    message: 'Invalid request parameters',
    error_chain: faults.map((message) => ({ code: 11000, message })),
  });
}
