import { type Fault } from './faults.ts';

/** A fault that can be asked for by name. */
export interface NamedFault {
  readonly name: string;
  /** What its value is, and the one it has when none is given; absent where it takes none. */
  readonly value?: { readonly means: 'number' | 'field'; readonly fallback: string };
  readonly does: string;
  readonly make: (value: string) => Fault;
}

const number = (fallback: string) => ({ means: 'number', fallback }) as const;
const field = { means: 'field', fallback: 'roles' } as const;

const answers: readonly NamedFault[] = [
  {
    name: 'status',
    value: number('503'),
    does: 'this status, with an error in JSON',
    make: (value) => ({ kind: 'answer', status: Number(value) }),
  },
  {
    name: 'status-html',
    value: number('520'),
    does: 'this status, with an HTML page',
    make: (value) => ({ kind: 'answer', status: Number(value), body: 'html' }),
  },
  {
    name: 'status-empty',
    value: number('502'),
    does: 'this status, without a body',
    make: (value) => ({ kind: 'answer', status: Number(value), body: 'empty' }),
  },
  {
    name: 'too-many',
    value: number('1'),
    does: 'status 429 with retry-after in so many seconds',
    make: (value) => ({
      kind: 'answer',
      status: 429,
      headers: { 'retry-after': value, ratelimit: `"default";r=0;t=${value}` },
    }),
  },
  {
    name: 'challenge',
    value: number('403'),
    does: 'this status, with the page by which Cloudflare asks for a browser',
    make: (value) => ({
      kind: 'answer',
      status: Number(value),
      body: 'html',
      headers: { 'cf-mitigated': 'challenge', 'cf-ray': '8a1b2c3d4e5f6789-MAD' },
    }),
  },
  { name: 'gone', does: 'status 410', make: () => ({ kind: 'answer', status: 410 }) },
  {
    name: 'html',
    does: 'an HTML page under status 200',
    make: () => ({ kind: 'answer', status: 200, body: 'html' }),
  },
  {
    name: 'failure',
    does: 'success: false under status 200',
    make: () => ({ kind: 'failure-under-200' }),
  },
  {
    name: 'no-content',
    does: 'status 204 without a body',
    make: () => ({ kind: 'answer', status: 204, body: 'empty' }),
  },
];

const listings: readonly NamedFault[] = [
  { name: 'null-result', does: 'result: null', make: () => ({ kind: 'result', result: null }) },
  { name: 'object-result', does: 'result: {}', make: () => ({ kind: 'result', result: {} }) },
  { name: 'empty-page', does: 'no rows, totals as before', make: () => ({ kind: 'result', result: [] }) },
  {
    name: 'omit',
    value: field,
    does: 'every row without this field',
    make: (value) => ({ kind: 'fields', omit: [value] }),
  },
  {
    name: 'nullify',
    value: field,
    does: 'this field null in every row',
    make: (value) => ({ kind: 'fields', nullify: [value] }),
  },
  {
    name: 'duplicate',
    does: 'a row twice on one page',
    make: () => ({ kind: 'duplicate', of: 'same-page' }),
  },
  {
    name: 'duplicate-previous',
    does: 'the last row of the page before once more, in place of the last of this one',
    make: () => ({ kind: 'duplicate', of: 'previous-page', replacing: true }),
  },
  {
    name: 'shift',
    value: number('1'),
    does: 'the page begins so many rows later',
    make: (value) => ({ kind: 'shift', rows: Number(value) }),
  },
  {
    name: 'ignore-page',
    does: 'page one, claiming to be the page asked',
    make: () => ({ kind: 'ignore-page', echo: 'asked' }),
  },
  { name: 'first-page', does: 'page one, saying so', make: () => ({ kind: 'ignore-page', echo: 'first' }) },
  {
    name: 'cap',
    value: number('20'),
    does: 'at most so many rows on a page',
    make: (value) => ({ kind: 'cap-per-page', most: Number(value) }),
  },
  {
    name: 'total',
    value: number('1'),
    does: 'total_count off by so many',
    make: (value) => ({ kind: 'total-count', add: Number(value) }),
  },
  {
    name: 'total-drift',
    value: number('1'),
    does: 'total_count off by so many more on each page',
    make: (value) => ({ kind: 'total-count', add: Number(value), drifting: true }),
  },
  {
    name: 'count',
    value: number('1'),
    does: 'count says so many',
    make: (value) => ({ kind: 'count', count: Number(value) }),
  },
  { name: 'no-result-info', does: 'no result_info', make: () => ({ kind: 'no-result-info' }) },
  {
    name: 'no-totals',
    does: 'result_info without its totals',
    make: () => ({ kind: 'no-result-info', only: 'totals' }),
  },
];

const deliveries: readonly NamedFault[] = [
  {
    name: 'cut',
    does: 'half of the JSON, and a Content-Length that agrees',
    make: () => ({ kind: 'cut', length: 'half' }),
  },
  {
    name: 'cut-short',
    does: 'half of the JSON, and the Content-Length of the whole',
    make: () => ({ kind: 'cut', length: 'whole' }),
  },
  { name: 'stall', does: 'no answer ever', make: () => ({ kind: 'stall', at: 'headers' }) },
  { name: 'stall-body', does: 'a body that never ends', make: () => ({ kind: 'stall', at: 'body' }) },
  { name: 'reset', does: 'the connection reset', make: () => ({ kind: 'reset', at: 'headers' }) },
  {
    name: 'reset-body',
    does: 'the connection reset in the middle of the body',
    make: () => ({ kind: 'reset', at: 'body' }),
  },
  {
    name: 'latency',
    value: number('1000'),
    does: 'so many milliseconds more',
    make: (value) => ({ kind: 'latency', ms: Number(value) }),
  },
];

/** Every fault that has a name, in the order in which help tells them. */
export const namedFaults: readonly NamedFault[] = [...answers, ...listings, ...deliveries];
