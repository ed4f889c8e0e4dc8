import { type RunSource } from '../../domain/run.ts';

/** What is asked of the API, and for whom. */
export interface Question {
  principal: string;
  method: 'GET' | 'DELETE';
  /** Below the base URL, starting with a slash. */
  path: string;
  query?: Readonly<Record<string, string | number>>;
  /** What of the roll is asked for; left out where it is nothing of it. */
  roll?: AskedOfRoll;
}

/** Of which endpoint the list is asked for, or one by its id. */
export interface AskedOfRoll {
  source: RunSource;
  part: 'list' | 'one';
}

/** A question as an error names it: `GET /user/organizations (page 3)`. */
export function nameQuestion({ method, path, query }: Omit<Question, 'principal'>): string {
  const page = query?.['page'];
  return `${method} ${path}${page === undefined ? '' : ` (page ${page})`}`;
}
