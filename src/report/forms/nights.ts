import { type Markup, markup } from '../../domain/markup.ts';
import { type Night, type NightState, nightsTold } from '../../domain/nights.ts';
import { nameDay, nameInstant } from '../time.ts';
import {
  countNights,
  describeRoll,
  highest,
  knownOf,
  type NightsTold,
  nightWording,
  planBars,
  titleOf,
} from '../last-nights.ts';

/**
 * The letter of each state, in HTML a mark where that reads better, and the ground on which it stands in white, be the mail
 * light or dark.
 */
const looks: Readonly<Record<NightState, { letter: string; mark?: string; ground: string }>> = {
  quiet: { letter: '.', mark: '·', ground: '#2a7a52' },
  changes: { letter: 'C', ground: '#2563b0' },
  held: { letter: 'H', ground: '#8a5a00' },
  failed: { letter: 'F', ground: '#b3261e' },
  missed: { letter: 'M', ground: '#5c6670' },
};

const monospace = 'Consolas,Menlo,monospace';

/** A letter for each night, oldest first; a blank where nothing is known. */
export function writeLetters(nights: readonly Night[]): string {
  return nights.map(({ state }) => (state === null ? ' ' : looks[state].letter)).join('');
}

/** A block from the lowest to the highest for each night; a gap where nobody saw the roll. */
function writeBlocks(nights: readonly Night[]): string {
  return planBars(nights)
    .map((height) => (height === null ? ' ' : '▁▂▃▄▅▆▇█'.charAt(height - 1)))
    .join('');
}

/** The last nights as plain text: their letters, the roll in blocks, and what both mean. Empty where nothing is known. */
export function writeNightsText(told: NightsTold): string {
  const { timezone } = told;
  const nights = knownOf(told.nights);
  if (nights.length === 0) return '';
  const roll = describeRoll(nights);
  return [
    titleOf(nights).toUpperCase(),
    '',
    `  ${writeLetters(nights)}`,
    ...(roll === '' ? [] : [`  ${writeBlocks(nights)}`.trimEnd()]),
    '',
    `  ${describeEnds(nights, timezone).join(' to ')} (${timezone})`,
    ...writeLegendText(nights),
    ...(roll === '' ? [] : [`  ${roll}`]),
  ].join('\n');
}

/** What the letters mean that occur, and how often each does. */
export function writeLegendText(nights: readonly Night[]): string[] {
  return countNights(nights).map(
    ({ state, count }) => `  ${looks[state].letter}  ${nightWording[state]}: ${count}`,
  );
}

/** The days of the first and of the last, once where they are one. */
function describeEnds(nights: readonly Night[], timezone: string): string[] {
  const days = [nights[0], nights.at(-1)].flatMap((night) =>
    night === undefined ? [] : [nameDay(night.due, timezone)],
  );
  return [...new Set(days)];
}

/**
 * The last nights as HTML: one table, a column for each night, with its roll as a bar above its letter. Its cells have
 * colours of their own, so that a mail program without style sheets shows the same. Empty where nothing is known.
 */
export function writeNightsHtml(told: NightsTold): readonly Markup[] {
  const { timezone } = told;
  const nights = knownOf(told.nights);
  if (nights.length === 0) return [];
  const roll = describeRoll(nights);
  const bars = planBars(nights).map((height, index) => writeBar(height, nights[index]?.roll ?? null));
  const room = writeRoom(nightsTold - nights.length);
  const summary = countNights(nights).map(({ state, count }) => `${nightWording[state]}: ${count}`);
  return [
    markup`<h2 class="rule" style="margin:28px 0 10px;padding:0 0 6px;border-bottom:1px solid #d5dae0;font-size:16px;line-height:1.3">${titleOf(nights)}</h2>
<table class="nights" role="img" aria-label="${`${titleOf(nights)}. ${summary.join('; ')}. ${roll}`.trim()}" width="100%" cellpadding="0" cellspacing="1" style="width:100%;max-width:540px;table-layout:fixed">
${roll === '' ? [] : [markup`<tr>${bars}${room}</tr>\n`]}<tr>${nights.map((night) => writeCell(night, timezone))}${room}</tr>
<tr class="quiet" style="${quiet}">${writeEnds(nights, timezone)}</tr>
</table>
${writeLegend(nights)}<p class="quiet" style="margin:2px 0 0;${quiet};font-size:13px">${[roll, `Dates in ${timezone}.`].filter(Boolean).join(' ')}</p>
`,
  ];
}

const quiet = 'color:#5f6b76';
const small = 'padding:3px 0 0;font-size:12px;line-height:1.4';
const barPixels = 3;

/** Room for the nights that are not known, so that a column is as wide as with all. */
function writeRoom(nights: number): readonly Markup[] {
  return nights > 0 ? [markup`<td colspan="${nights}"></td>`] : [];
}

/** Each under its end where there is room for both. */
function writeEnds(nights: readonly Night[], timezone: string): Markup {
  const days = describeEnds(nights, timezone);
  const [first = '', last = ''] = days;
  const half = Math.ceil(nights.length / 2);
  if (nights.length < nightsTold / 2 || last === '') {
    return markup`<td colspan="${nightsTold}" align="left" style="${small}">${days.join(' to ')}</td>`;
  }
  return markup`<td colspan="${half}" align="left" style="${small}">${first}</td><td colspan="${nights.length - half}" align="right" style="${small}">${last}</td>${writeRoom(nightsTold - nights.length)}`;
}

function writeBar(height: number | null, roll: number | null): Markup {
  const pixels = (height ?? 0) * barPixels;
  if (roll === null) return markup`<td height="${highest * barPixels}"></td>`;
  return markup`<td height="${highest * barPixels}" valign="bottom" title="${roll}"><table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td class="bar" height="${pixels}" bgcolor="#7d93ab" style="font-size:1px;line-height:${pixels}px">&nbsp;</td></tr></table></td>`;
}

function writeCell({ state, due }: Night, timezone: string): Markup {
  if (state === null) return markup`<td></td>`;
  const { ground } = looks[state];
  const title = `${nameInstant(due, timezone)}: ${nightWording[state]}`;
  return markup`<td class="night" align="center" bgcolor="${ground}" title="${title}" style="color:#ffffff;font:bold 11px/20px ${monospace}">${markOf(state)}</td>`;
}

/** What the letters mean that occur, and how often each does. */
export function writeLegend(nights: readonly Night[]): Markup {
  const entries = countNights(nights).map(
    ({ state, count }) =>
      markup`<span style="display:inline-block;margin:0 14px 0 0"><span style="font:bold 11px/16px ${monospace}">${writeMarks(state, markup`&nbsp;${markOf(state)}&nbsp;`, nightWording[state])}</span>&nbsp; ${nightWording[state]}: ${count}</span> `,
  );
  return markup`<p class="quiet" style="margin:10px 0 0;${quiet};font-size:13px">${entries}</p>
`;
}

function writeMarks(state: NightState, marks: Markup, title: string): Markup {
  return markup`<span class="night" title="${title}" style="padding:2px 0;background:${looks[state].ground};color:#ffffff">${marks}</span>`;
}

function markOf(state: NightState): string {
  const { letter, mark = letter } = looks[state];
  return mark;
}

/** The letters of some nights on one line, equal ones in a row as one: what a table with many principals has room for. */
export function writeStrip({ nights, timezone }: NightsTold): Markup {
  const stretches = nights.reduce<Night[][]>((found, night) => {
    const open = found.at(-1);
    if (open?.[0]?.state === night.state) open.push(night);
    else found.push([night]);
    return found;
  }, []);
  return markup`<span style="white-space:nowrap;font:bold 12px/18px ${monospace}">${stretches.map((stretch) => writeStretch(stretch, timezone))}</span>`;
}

function writeStretch(stretch: readonly Night[], timezone: string): Markup {
  const [first] = stretch;
  const last = stretch.at(-1);
  if (first === undefined || last === undefined || first.state === null) {
    return markup`${stretch.map(() => markup`&nbsp;`)}`;
  }
  const days = [first, last].map(({ due }) => nameDay(due, timezone));
  const title = `${[...new Set(days)].join(' to ')}: ${nightWording[first.state]}`;
  return writeMarks(first.state, markup`${markOf(first.state).repeat(stretch.length)}`, title);
}
