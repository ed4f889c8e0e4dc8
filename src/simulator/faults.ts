import { type Endpoint } from './endpoints.ts';

/**
 * What can go wrong with an answer. Each is seen at Cloudflare, reported by others, or possible by the schema:
 *
 * - `answer`: another answer, instead of the API's: any status, with an envelope, HTML, or no body. Default an envelope
 * - `failure-under-200`: status 200 with `success: false`
 * - `result`: this in place of `result`, an array or not; a listing's totals stay
 * - `fields`: rows in which fields are missing (`omit`) or null (`nullify`); all rows, or only the first `rows`;
 *   a path such as `account.name` reaches into objects
 * - `duplicate`: a row sent twice on one page, or the last row of the previous page sent again at the top of this one;
 *   with `replacing` it takes another row's place, so that the numbers still agree
 * - `shift`: the page begins so many rows later (or earlier, when negative): rows are lost (or seen twice)
 * - `ignore-page`: page one, whatever was asked; `echo` says which page it claims to be
 * - `cap-per-page`: at most so many rows on a page, silently
 * - `total-count`: `total_count` is off by `add`, or with `drifting` by another number on each page
 * - `count`: `count` says this
 * - `no-result-info`: without `result_info`, or without its totals only
 * - `cut`: the JSON ends half way; `length` says whether Content-Length is that of the half or of the whole
 * - `stall`: nothing more comes, before the headers or in the middle of the body; the connection stays open
 * - `reset`: the connection is reset, before the headers or in the middle of the body
 * - `latency`: the answer comes later
 * - `rewrite`: the JSON is whatever the function makes of it
 */
export type Fault =
  | {
      kind: 'answer';
      status: number;
      body?: 'envelope' | 'html' | 'empty';
      code?: number;
      message?: string;
      headers?: Readonly<Record<string, string>>;
    }
  | { kind: 'failure-under-200'; code?: number; message?: string }
  | { kind: 'result'; result: unknown }
  | { kind: 'fields'; omit?: readonly string[]; nullify?: readonly string[]; rows?: number }
  | { kind: 'duplicate'; of: 'same-page' | 'previous-page'; replacing?: boolean }
  | { kind: 'shift'; rows: number }
  | { kind: 'ignore-page'; echo: 'asked' | 'first' }
  | { kind: 'cap-per-page'; most: number }
  | { kind: 'total-count'; add: number; drifting?: boolean }
  | { kind: 'count'; count: number }
  | { kind: 'no-result-info'; only?: 'totals' }
  | { kind: 'cut'; length: 'half' | 'whole' }
  | { kind: 'stall'; at: 'headers' | 'body' }
  | { kind: 'reset'; at: 'headers' | 'body' }
  | { kind: 'latency'; ms: number }
  | { kind: 'rewrite'; rewrite: (json: unknown) => unknown };

/** Which requests a fault is about: those that agree with all that is given. */
export interface FaultTarget {
  method?: string;
  /** Default: every endpoint. */
  path?: Endpoint;
  /** Requests for this page; a request that names none is for page one. */
  page?: number;
  /** Requests for this page and all after it. */
  fromPage?: number;
  /** The name of a principal. */
  principal?: string;
  /** The first request to fail, counted from 1 over the requests that agree. Default 1. */
  from?: number;
  /** How many requests fail from there. Default 1; `Infinity` for all. */
  times?: number;
}

/** What goes wrong, and with which requests. */
export interface FaultRule {
  on: FaultTarget;
  fault: Fault;
  /**
   * Whether a request that gets another answer, or none, takes effect all the same: a departure that happened although
   * nobody was told. Default false.
   */
  takesEffect?: boolean;
}

/** What a fault is matched against. */
export interface FaultSubject {
  readonly method: string;
  readonly endpoint: Endpoint | null;
  readonly page: number;
  readonly principal: string | null;
}

/** A fault in force: how often it was looked at and struck, and the way to remove it. */
export interface AddedFault {
  readonly rule: FaultRule;
  /** How many requests agreed with the target so far. */
  readonly matched: number;
  /** How many of them failed by it. */
  readonly struck: number;
  remove(): void;
}

/** The faults in force. Those that strike one request all do, in the order in which they were added. */
export class Faults {
  readonly #added = new Set<AddedFault & { matched: number; struck: number }>();

  add(rule: FaultRule): AddedFault {
    const added = { rule, matched: 0, struck: 0, remove: () => void this.#added.delete(added) };
    this.#added.add(added);
    return added;
  }

  get all(): readonly AddedFault[] {
    return [...this.#added];
  }

  clear(): void {
    this.#added.clear();
  }

  /** The rules that strike this request; counts it. */
  strike(subject: FaultSubject): readonly FaultRule[] {
    const striking: FaultRule[] = [];
    for (const added of this.#added) {
      const { on } = added.rule;
      if (!agrees(on, subject)) continue;
      added.matched += 1;
      const from = on.from ?? 1;
      if (added.matched < from || added.matched >= from + (on.times ?? 1)) continue;
      added.struck += 1;
      striking.push(added.rule);
    }
    return striking;
  }
}

function agrees(on: FaultTarget, subject: FaultSubject): boolean {
  return (
    (on.method === undefined || on.method === subject.method) &&
    (on.path === undefined || on.path === subject.endpoint) &&
    (on.page === undefined || on.page === subject.page) &&
    (on.fromPage === undefined || on.fromPage <= subject.page) &&
    (on.principal === undefined || on.principal === subject.principal)
  );
}
