import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { inert } from '../../src/domain/inert.ts';

test.each([
  ['http://phish.example/login', 'http[://]phish[.]example/login'],
  ['HTTPS://PHISH.EXAMPLE', 'HTTPS[://]PHISH[.]EXAMPLE'],
  ['www.phish.example', 'www[.]phish[.]example'],
  ['Reset it at evil.com now', 'Reset it at evil[.]com now'],
  ['//evil.com/x', '[//]evil[.]com/x'],
  ['owner@acme.example', 'owner[@]acme[.]example'],
  ['mailto:a@b.example', 'mailto[:]a[@]b[.]example'],
  ['tel:+34900123456', 'tel[:]+34900123456'],
  ['javascript:alert(1)', 'javascript[:]alert(1)'],
  [String.raw`\\host\share`, String.raw`[\\]host\share`],
  [String.raw`file:\\host\share`, String.raw`file[:\\]host\share`],
  [String.raw`http:/\evil.com`, String.raw`http[:/\]evil[.]com`],
  ['http://192.0.2.7/x', 'http[://]192[.]0[.]2[.]7/x'],
  ['пример.рф', 'пример[.]рф'],
  ['भारत.भारत', 'भारत[.]भारत'],
  ['💩.la', '💩[.]la'],
  ['a.b.co and 10.0.0.1', 'a.b[.]co and 10[.]0[.]0[.]1'],
  ['x.S.A.example', 'x.S.A[.]example'],
  ['evil\u3002com evil\uFF0Ecom evil\uFF61com', 'evil[\u3002]com evil[\uFF0E]com evil[\uFF61]com'],
  ['xn--e1afmkfd.xn--p1ai', 'xn--e1afmkfd[.]xn--p1ai'],
  ['ev\u202Eil.com', 'ev<U+202E>il[.]com'],
])('%j is no address any more, and can still be recognised', (text, shown) => {
  expect(inert(text)).toBe(shown);
});

test.each([
  'Acme Inc. & Co.',
  'Global: Europe',
  '#zones:read',
  'AT&T',
  'R/D',
  '株式会社',
  "don't @ me",
  'a … b',
  'No. 1',
  'Viajes del Sur S.A.',
  'Bakery N.V. (Benelux)',
  'J.R.R. Press S.à r.l.',
  'S.p.A. Roma',
])('%s is shown as it is', (name) => {
  expect(inert(name)).toBe(name);
});

test('a name of any length ends after 200 characters', () => {
  expect(inert('ab.'.repeat(500_000))).toHaveLength(200 + 66 * '[]'.length + 1);
});

/** As a mail program reads it that makes links of what looks like one; by another's rules than ours. */
async function linksIn(text: string): Promise<boolean> {
  const { textAsHtml = '' } = await simpleParser(
    `Content-Type: text/plain; charset=utf-8\r\n\r\nThe ${text} end`,
  );
  return textAsHtml.includes('<a ');
}

test('whatever is made of addresses, a mail program finds no link in it', async () => {
  const of = (...texts: string[]) => fc.constantFrom(...texts);
  const noise = fc
    .array(
      of('.', '-', '_', '(', ')', '[', '<', '"', ' ', '\u200D', '\u00AD', '\u200B', '%2E', 'ä', '💩', '1'),
      {
        maxLength: 2,
      },
    )
    .map((pieces) => pieces.join(''));
  const name = fc
    .tuple(
      noise,
      of('http://', 'HTTPS://', 'ftp://', 'mailto:', '//', 'www.', 'a@', 'a+b@', '@', '', '', 'x '),
      noise,
      of('evil', 'xn--e1afmkfd', 'пример', '127.0.0', 'a-b', '💩'),
      of('.', '.', '.', '\u3002', '\uFF0E', '.co.', '..'),
      of('com', 'example', 'uk', 'рф', 'xn--p1ai', '1', 'la'),
      of('', '/login', ':8080', '?a=b', '#c', '&amp;', '@evil.com'),
      noise,
    )
    .map((pieces) => pieces.join(''));
  let linked = 0;
  await fc.assert(
    fc.asyncProperty(name, async (text) => {
      if (await linksIn(text)) linked += 1;
      expect(await linksIn(inert(text)), text).toBe(false);
    }),
    { numRuns: 1_000, seed: 1 },
  );
  // Of names that no program makes a link of, it would hold for any code.
  expect(linked).toBeGreaterThan(250);
});
