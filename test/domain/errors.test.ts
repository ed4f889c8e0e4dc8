import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeError, RollcallError } from '../../src/domain/errors.ts';
import { storableText } from '../../src/domain/membership.ts';
import { Secret } from '../../src/domain/secret.ts';

/** A thing that throws whatever is done with it. */
const unreadable = new Proxy(
  {},
  {
    get: () => {
      throw new Error('a trap');
    },
  },
);

function circle(): Error {
  const first = new Error('first');
  const second = new Error('second', { cause: first });
  first.cause = second;
  return first;
}

function chainOf(length: number): Error {
  return Array.from({ length }).reduce<Error>(
    (cause, _, index) => new Error(`step ${index}`, { cause }),
    new Error('the root'),
  );
}

const refused = ['connect ECONNREFUSED ::1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'].map((text) =>
  Object.assign(new Error(text), { code: 'ECONNREFUSED' }),
);

const emitted = new Event('error');

const words: readonly (readonly [what: string, thrown: unknown, told: string | RegExp])[] = [
  ['undefined', undefined, 'nothing was said (undefined)'],
  ['null', null, 'nothing was said (null)'],
  ['a text', 'out of paper', 'out of paper'],
  ['an empty text', ' ', 'nothing was said'],
  ['a number', 7, '7'],
  ['a symbol', Symbol('reset'), 'Symbol(reset)'],
  ['a function', Number.isNaN, 'a function (isNaN)'],
  ['an error', new TypeError('no such key'), 'no such key'],
  ['an error without a message', new TypeError(), 'TypeError'],
  ['one that has a code', Object.assign(new Error(''), { code: 'EPIPE' }), 'Error EPIPE'],
  ['an error on two lines', new Error('one\r\n\t two\u2028three\n\n'), 'one two three'],
  [
    'an error with its cause',
    new Error('cannot open', { cause: new Error('denied') }),
    'cannot open: denied',
  ],
  ['a cause that is a text', new Error('cannot open', { cause: 'denied' }), 'cannot open: denied'],
  ['a cause that is said already', new Error('open: denied', { cause: new Error('denied') }), 'open: denied'],
  [
    'a cause without a message',
    new Error('cannot open', { cause: new RangeError() }),
    'cannot open: RangeError',
  ],
  ['causes in a circle', circle(), 'first: second'],
  ['causes without end', chainOf(100_000), /^step 99999: step 99998: /],
  [
    'our own error, without its cause',
    new RollcallError('busy', 'taken', { cause: new Error('x') }),
    'taken',
  ],
  [
    'what Node throws where no address answers',
    Object.assign(new AggregateError(refused), { code: 'ECONNREFUSED' }),
    'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
  ],
  [
    'several errors under one message',
    new AggregateError(refused, 'none'),
    /^none: connect .*5432; connect /,
  ],
  ['several errors that say nothing', new AggregateError([{}, null]), 'AggregateError'],
  ['an abort', new DOMException('it was aborted', 'AbortError'), 'it was aborted'],
  ['an abort that says nothing', new DOMException('', 'AbortError'), 'AbortError 20'],
  [
    'an event that holds an error',
    Object.assign(emitted, { error: new Error('socket closed') }),
    'socket closed',
  ],
  ['what a queue emits', { message: 'terminated', queue: 'deliver', stack: 'x' }, 'terminated'],
  ['what it emits of an error without a message', { message: '', code: 'ECONNREFUSED' }, 'ECONNREFUSED'],
  [
    "PostgreSQL's error",
    Object.assign(new Error('terminating connection'), { code: '57P01', severity: 'FATAL' }),
    'terminating connection',
  ],
  [
    "Drizzle's error, without its query",
    Object.assign(new Error('Failed query: insert'), { query: 'insert', cause: new Error('too long') }),
    'too long',
  ],
  [
    'an object, without what it holds',
    { url: 'the-secret', retries: 3 },
    'something without a message (url, retries)',
  ],
  ['an object of nothing', {}, 'something without a message ()'],
  ['a list', [1, 2], 'something without a message (0, 1)'],
  ['a secret', new Secret('the-secret'), 'something without a message ()'],
  ['an object as its message', Object.assign(new Error('x'), { message: { code: 7 } }), 'Error'],
  ['somebody else’s careless text', new Error('Failed: [object Object]'), 'Failed: an object'],
  ['what cannot be read', unreadable, 'an error that cannot be read'],
  [
    'an error whose message cannot be read',
    Object.defineProperty(new Error('x'), 'message', {
      get: () => {
        throw new Error('a trap');
      },
    }),
    'an error that cannot be read',
  ],
  ['an object without a prototype', Object.create(null), 'something without a message ()'],
  [
    'hidden characters',
    new Error('nul \0, \u001B[31m, \u202E, \uD83D'),
    'nul <U+0000>, <U+001B>[31m, <U+202E>, <U+D83D>',
  ],
];

describe('whatever is thrown is told in words', () => {
  it.each(words)('%s', (_, thrown, told) => {
    if (typeof told === 'string') expect(describeError(thrown)).toBe(told);
    else expect(describeError(thrown)).toMatch(told);
  });

  it('that can be stored and printed on one line, and never an object’s bare type', () => {
    const anything = fc.oneof(
      fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true, withMap: true }),
      fc.string({ unit: 'binary' }).map((text) => new Error(text)),
      fc.record({ message: fc.anything(), cause: fc.anything(), code: fc.anything(), errors: fc.anything() }),
    );
    fc.assert(
      fc.property(anything, (thrown) => {
        const text = describeError(thrown);
        expect(text.trim(), inspect(thrown)).not.toBe('');
        expect(text).not.toMatch(/[\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u2069]|\[object /u);
        expect(storableText(text)).toBe(text);
      }),
      { numRuns: 2_000, seed: 1 },
    );
  });

  it('that do not fill a database', () => {
    const text = describeError(new Error('x'.repeat(50_000_000)));
    expect(text).toHaveLength(5_001);
    expect(text).toMatch(/x…$/);
  });
});

describe('our own error', () => {
  it('shows what was hidden in its message, and keeps its lines', () => {
    const { message } = new RollcallError('configuration', 'Two faults:\n  key \u202E\n  key \u001B[2J');
    expect(message).toBe('Two faults:\n  key <U+202E>\n  key <U+001B>[2J');
  });
});
