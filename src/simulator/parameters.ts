import { type Answer, refused } from './answers.ts';

/** What a listing is asked for, within the schema's bounds. */
export interface ListParameters {
  readonly page: number;
  readonly perPage: number;
  /** `null` when the request names no order: then pages have none in common. */
  readonly order: Order | null;
  readonly direction: 'asc' | 'desc';
  readonly filters: Readonly<{ name?: string; status?: string }>;
  readonly match: 'any' | 'all';
}

/** A field that a listing may be ordered by. */
export type Order = (typeof orders)[number];
const orders = ['id', 'name', 'status'] as const;

/** Reads a listing's parameters by the schema, or gives the answer that says which of them is out of bounds. */
export function readListParameters(query: URLSearchParams): ListParameters | Answer {
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
  const name = query.get('name');
  if (name !== null && name.length > 100) faults.push('name variable must have at most 100 characters');
  const status = choice('status', ['member', 'invited']);
  const parameters: ListParameters = {
    page: number('page', 1, [1, Infinity]),
    perPage: number('per_page', 20, [5, 50]),
    order: choice('order', orders),
    direction: choice('direction', ['asc', 'desc']) ?? 'asc',
    filters: { ...(name !== null && { name }), ...(status !== null && { status }) },
    match: choice('match', ['any', 'all']) ?? 'all',
  };
  return faults.length === 0 ? parameters : invalid(faults);
}

function invalid(faults: readonly string[]): Answer {
  return refused(400, {
    code: 6008,
    message: 'Invalid request parameters',
    error_chain: faults.map((message) => ({ code: 11000, message })),
  });
}
