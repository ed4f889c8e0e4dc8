import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, spellingsOf } from '../../src/domain/redact.ts';
import { Secret } from '../../src/domain/secret.ts';

const strange = 'p"a\\ss/w+rd %\n€é=';
const redact = createRedactor([new Secret('cfut_token'), new Secret(strange)]);
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a secret is taken out of a text', () => {
  it('wherever it stands, however often', () => {
    expect(redact('cfut_token, then cfut_tokencfut_token')).toBe('[secret], then [secret][secret]');
  });

  it.each([
    ['as it is', strange],
    ['in JSON', JSON.stringify(strange).slice(1, -1)],
    ['in a part of a path', encodeURIComponent(strange)],
    ['in a path', encodeURI(strange)],
    ['in lower case', encodeURIComponent(strange).toLowerCase()],
    ['in a form', new URLSearchParams([['', strange]]).toString().slice(1)],
    ['in base64', base64(strange)],
    ['in base64 for URLs', Buffer.from(strange).toString('base64url')],
  ])('%s', (_, spelling) => {
    expect(redact(`<${spelling}>`)).toBe('<[secret]>');
  });

  it.each(['a', 'ab', 'abc', '\0ops\0', 'Bearer '])('in base64, behind %j and before something', (before) => {
    const told = redact(base64(`${before}cfut_token and more`));
    expect(told).toContain('[secret]');
    expect(Buffer.from(told.replaceAll('[secret]', ''), 'base64').toString()).not.toMatch(/fut|oke/);
  });

  it('when it holds a shorter one, to its end', () => {
    const both = createRedactor([new Secret('hunter22'), new Secret('smtp://ops:hunter22@mail')]);
    expect(both('smtp://ops:hunter22@mail, hunter22')).toBe('[secret], [secret]');
  });

  it('when it is part of what stands in its place', () => {
    expect(createRedactor([new Secret('secret')])('a secret')).toBe('a [secret]');
  });

  it('in all its spellings, whatever it is', () => {
    const aSecret = fc.string({ unit: 'grapheme', minLength: 6, maxLength: 60 });
    fc.assert(
      fc.property(aSecret, fc.string(), fc.string(), (secret, before, after) => {
        for (const spelling of spellingsOf(secret)) {
          const told = createRedactor([new Secret(secret)])(`${before} ${spelling} ${after}`);
          for (const rest of told.split('[secret]')) expect(rest).not.toContain(spelling);
        }
      }),
    );
  });
});

describe('a text without secrets', () => {
  it('comes back as it was', () => {
    const text = 'run 812 of ops-bot: cfut_other, cfut_toke, $& \\ [secret]';
    expect(redact(text)).toBe(text);
    expect(createRedactor([])(text)).toBe(text);
  });

  it('is not mangled for a secret of fewer than six characters, unless that is asked for', () => {
    const short = [new Secret('abc'), new Secret('')];
    expect(createRedactor(short)('an abcess')).toBe('an abcess');
    expect(createRedactor(short, { shortest: 1 })(`wrong: abc (${base64('abc')})`)).toBe(
      'wrong: [secret] ([secret])',
    );
  });
});
