import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../src/domain/secret.ts';
import { createLog, type LogOptions } from '../src/log.ts';
import { hiddenCharacter } from './support/settled.ts';

const token = 'cfut_"Quokka\\Zebra/Yak%Xerus';
const secrets = [new Secret(token)];

/** A log of everything, and what it wrote. */
function logInMemory(given: Partial<LogOptions> = {}) {
  const written: string[] = [];
  const destination = new Writable({
    write(text: Buffer, _encoding, done) {
      written.push(text.toString());
      done();
    },
  });
  const log = createLog({ level: 'trace', forPeople: false, secrets, destination, ...given });
  return { log, written, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

class Refused extends Error {
  readonly request = { headers: { authorization: `Bearer ${token}` } };
}

describe.each([
  ['as JSON', false],
  ['for people', true],
])('no secret reaches a log %s', (_, forPeople) => {
  it.each(['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)('at level %s', async (level) => {
    const { log, written } = logInMemory({ forPeople });
    const cause = new Error(`caused by ${token}`);
    log[level](`message ${token}`);
    log[level]({ err: new Refused(`refused ${token}`, { cause }) }, 'failed');
    log[level](new Refused(token));
    log[level]({ nested: { list: [{ deep: token }], [token]: 1 }, secret: secrets[0] }, 'format %s', token);
    log[level]({
      url: `/?t=${encodeURIComponent(token)}`,
      basic: Buffer.from(`ops:${token}`).toString('base64'),
    });
    log[level]({ json: JSON.stringify({ token }) });
    log.child({ bound: token }, { msgPrefix: token })[level]('from a child');
    // Laying out for people takes a turn of the event loop.
    await expect.poll(() => written.join('')).toContain('from a child');
    const all = written.join('');
    expect(all).toContain('[secret]');
    expect(all).not.toMatch(/Quokka|Zebra|Yak|Xerus/);
    expect(all).not.toContain(Buffer.from(token).toString('base64').slice(4, -4));
  });
});

describe('where a person reads it', () => {
  it('shows what a text hides, in fields as in messages', async () => {
    const { log, written } = logInMemory({ forPeople: true });
    log.info({ organization: 'Acme \u009B31m\u202E' }, 'from \u001B[2J a message');
    await expect.poll(() => written.join('')).toContain('a message');
    expect(written.join('')).toMatch(/Acme <U\+009B>31m<U\+202E>/);
    expect(written.join('')).toContain('from <U+001B>[2J a message');
  });
});

describe.each([
  ['as JSON', false],
  ['for people', true],
])('a log %s that cannot be written', (_, forPeople) => {
  it('undoes nothing of what it tells about', async () => {
    let tried = 0;
    const destination = new Writable({
      autoDestroy: false,
      write(_text, _encoding, done) {
        tried += 1;
        done(new Error('ENOSPC: no space left on device'));
      },
    });
    const { log } = logInMemory({ forPeople, destination });
    for (const run of [1, 2, 3]) log.info({ run }, 'run complete');
    await expect.poll(() => tried).toBeGreaterThan(0);
    expect(() => log.info({ run: 4 }, 'run complete')).not.toThrow();
  });
});

describe('a line', () => {
  it('says the rest as it was', () => {
    const { log, lines } = logInMemory();
    log.info({ principal: 'ops-bot', url: `https://x/${token}?y=1`, count: 7 }, 'said "hello"\n');
    expect(lines()).toEqual([
      {
        level: 30,
        time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        principal: 'ops-bot',
        url: 'https://x/[secret]?y=1',
        count: 7,
        msg: 'said "hello"\n',
      },
    ]);
  });

  it.each<[what: string, secret: string, line: { fields: object; told: object }]>([
    ['digits', '123456', { fields: { run: 12_345_678, ms: 0.5 }, told: { run: '[secret]78', ms: 0.5 } }],
    ['an escape', 'n12345', { fields: { text: '\n12345' }, told: { text: '\n12345' } }],
    ['a backslash at its end', 'abcde\\', { fields: { text: 'abcde"' }, told: { text: 'abcde"' } }],
    ['a quotation mark', '","abc', { fields: { text: 'a', abc: 'b' }, told: { text: 'a', abc: 'b' } }],
  ])('stays JSON when the secret is %s', (_, secret, { fields, told }) => {
    const { log, lines } = logInMemory({ secrets: [new Secret(secret)] });
    log.info(fields);
    expect(lines()).toMatchObject([told]);
  });

  it('is written as it is when there is no secret', () => {
    const { log, lines } = logInMemory({ secrets: [] });
    log.info({ token }, 'x');
    expect(lines()).toMatchObject([{ token, msg: 'x' }]);
  });
});

describe('what a stranger called an organization', () => {
  const name = 'nul \0 \u001B[2J \u009B2J \u202Egnp.exe \u2028 half \uD83D "quoted\\"';

  it('is escaped in JSON, which says the same', () => {
    const { log, written, lines } = logInMemory();
    log.info({ name, [name]: 1 }, name);
    expect(written.join('').trimEnd()).not.toMatch(hiddenCharacter);
    expect(lines()).toMatchObject([{ name, [name]: 1, msg: name }]);
  });

  it('is spelled out for people, a line on a line of its own', async () => {
    const { log, written } = logInMemory({ forPeople: true });
    log.info({ name, err: new Error(`first\n${name}`) }, name);
    await expect.poll(() => written.join('')).toContain('first');
    const said = stripVTControlCharacters(written.join('').replaceAll('\n', ' '));
    expect(said).toContain('<U+001B>[2J <U+009B>2J <U+202E>gnp.exe');
    expect(said).not.toMatch(hiddenCharacter);
  });

  it('is logged also where it is millions of quotes', () => {
    const { log, lines } = logInMemory();
    const many = 'a"'.repeat(5_000_000);
    log.info({ name: many, token }, 'run complete');
    expect(lines()).toMatchObject([{ name: many, token: '[secret]' }]);
  });
});
