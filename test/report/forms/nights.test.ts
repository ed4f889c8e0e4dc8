import { describe, expect, test } from 'vitest';
import { type Night } from '../../../src/domain/nights.ts';
import { writeNightsHtml, writeNightsText, writeStrip } from '../../../src/report/forms/nights.ts';
import { nightsOf } from '../builders.ts';

const known = `${'.'.repeat(12)}CC..F.M..H....C`;
const thirty = `   ${known}`;

const textOf = (nights: Night[], timezone = 'UTC') => writeNightsText({ nights, timezone });
const htmlOf = (nights: Night[], timezone = 'UTC') =>
  writeNightsHtml({ nights, timezone })
    .map(({ source }) => source)
    .join('');

/** What stands in the cells of the last row but one: the letters of the strip. */
function lettersIn(html: string): string {
  const row = /<tr>((?:<td[^>]*>[^<]?<\/td>)+)<\/tr>/.exec(html)?.[1] ?? '';
  return [...row.matchAll(/<td[^>]*>([^<]?)<\/td>/g)]
    .map(([, letter = '']) => (letter === '' ? ' ' : letter))
    .join('')
    .trimEnd()
    .replaceAll('·', '.');
}

describe('the last nights', () => {
  test('are the same letters in text and in HTML, from the first of which anything is known', () => {
    expect(textOf(nightsOf(thirty)).split('\n')[2]).toBe(`  ${known}`);
    expect(lettersIn(htmlOf(nightsOf(thirty)))).toBe(known);
    expect(lettersIn(htmlOf(nightsOf(`  .F .`)))).toBe('.F .');
  });

  test.each([
    ['.'.repeat(30), 'Last thirty nights', 'Thu 16 Jul 2026 to Fri 14 Aug 2026'],
    [`${' '.repeat(28)}.C`, 'Last 2 nights', 'Thu 13 Aug 2026 to Fri 14 Aug 2026'],
    [`${' '.repeat(29)}F`, 'Last night', 'Fri 14 Aug 2026'],
  ])('of %j are called as many as they are, and dated', (letters, title, dates) => {
    const [text, html] = [textOf(nightsOf(letters)), htmlOf(nightsOf(letters))];
    expect(text.startsWith(`${title.toUpperCase()}\n`)).toBe(true);
    expect(text).toContain(`  ${dates} (UTC)`);
    expect(html).toContain(`>${title}</h2>`);
    for (const day of dates.split(' to ')) expect(html.replaceAll(/title="[^"]*"/g, '')).toContain(day);
  });

  test.each([
    ['failed', '..F', 'failed: 1'],
    ['missed', '.MM', 'missed, no run: 2'],
    ['held', '.H.', 'held for approval: 1'],
  ])('tell that a night was %s by its letter and in words', (state, letters, words) => {
    expect(textOf(nightsOf(letters))).toContain(`${state.charAt(0).toUpperCase()}  ${words}`);
    expect(htmlOf(nightsOf(letters))).toContain(words);
    for (const body of [textOf(nightsOf(letters)), htmlOf(nightsOf(letters))]) {
      expect(body).toContain('complete, nothing changed');
      expect(body).not.toContain('with changes');
    }
  });

  test('are dated in the zone of the schedule, which is named', () => {
    const nights = nightsOf('..').map((night) => ({
      ...night,
      due: new Date(night.due.getTime() - 3 * 3_600_000),
    }));
    for (const body of [textOf(nights, 'Europe/Madrid'), htmlOf(nights, 'Europe/Madrid')]) {
      expect(body).toContain('Fri 14 Aug 2026');
      expect(body).toContain('Europe/Madrid');
    }
    expect(textOf(nights, 'UTC')).toContain('Wed 12 Aug 2026 to Thu 13 Aug 2026 (UTC)');
    expect(htmlOf(nights, 'Europe/Madrid')).toContain(
      'title="Fri 14 Aug 2026, 01:00: complete, nothing changed"',
    );
  });

  test('say nothing where nothing is known yet', () => {
    for (const nights of [[], nightsOf('   ')]) expect([textOf(nights), htmlOf(nights)]).toEqual(['', '']);
  });

  test('are told to who cannot see them', () => {
    expect(htmlOf(nightsOf('.CF'))).toMatch(/role="img" aria-label="[^"]*with changes: 1; failed: 1/);
  });
});

describe('the roll', () => {
  const rolls = [10, 11, 12, 13, 14, 15, 16, 17];
  const heights = (html: string) =>
    [...html.matchAll(/class="bar" height="(\d+)"/g)].map(([, height]) => Number(height));

  test.each([
    [
      'grows from the lowest block to the highest',
      { letters: '........', roll: rolls, blocks: '▁▂▃▄▅▆▇█', told: '10 to 17' },
    ],
    [
      'that never changed is a flat line in the middle',
      { letters: '.....', roll: 128, blocks: '▄▄▄▄▄', told: '128 throughout' },
    ],
    [
      'of nobody that never changed is flat too',
      { letters: '..', roll: 0, blocks: '▄▄', told: '0 throughout' },
    ],
    ['falls', { letters: 'CC', roll: [17, 3], blocks: '█▁', told: '3 to 17' }],
    [
      'has a gap where nobody saw it',
      { letters: '..FM..', roll: [10, 10, 0, 0, 17, 10], blocks: '▁▁  █▁', told: '10 to 17' },
    ],
    [
      'ends with the last that was seen',
      { letters: '.CF', roll: [10, 17, 0], blocks: '▁█', told: '10 to 17' },
    ],
  ])('%s', (_, { letters, roll, blocks, told }) => {
    const nights = nightsOf(letters, roll);
    const text = textOf(nights);
    expect(text.split('\n')[3]).toBe(`  ${blocks}`);
    expect(text).toContain(told);
    expect(htmlOf(nights)).toContain(told);
    expect(heights(htmlOf(nights))).toEqual(
      Array.from(blocks.replaceAll(' ', ''), (block) => 3 * ('▁▂▃▄▅▆▇█'.indexOf(block) + 1)),
    );
  });

  test('that was not seen in some nights is not told as unchanged', () => {
    expect(textOf(nightsOf('.F.MM.'))).toContain('128 throughout, not seen in 3 nights');
    expect(htmlOf(nightsOf('.F.'))).toContain('128 throughout, not seen in one night');
    expect(textOf(nightsOf('  ...'))).not.toContain('not seen');
  });

  test('is left out where nobody ever saw it', () => {
    expect(textOf(nightsOf('FFM'))).not.toMatch(/[▁-█]|on the roll/);
    expect(htmlOf(nightsOf('FFM'))).not.toMatch(/class="bar"|on the roll/);
  });
});

test('a strip has every letter, equal ones in a row as one piece that says when', () => {
  const { source } = writeStrip({ nights: nightsOf('  ...FF.C'), timezone: 'UTC' });
  expect(source.replaceAll(/<[^>]*>/g, '').replaceAll('&nbsp;', ' ')).toBe('  ···FF·C');
  expect(source).toContain('title="Tue 11 Aug 2026 to Wed 12 Aug 2026: failed"');
  expect(source).toContain('title="Fri 14 Aug 2026: complete, with changes"');
});
