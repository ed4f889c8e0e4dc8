import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import { type Markup, markup } from '../../domain/markup.ts';
import { writeCode } from './code.ts';
import { type Attention, type Overview, type OverviewRow } from '../overview.ts';
import { writeLegend, writeLegendText, writeLetters, writeStrip } from './nights.ts';

/** Columns of a line of text. */
const lineWidth = 78;

const columns = [
  { short: 'mem', long: 'Members', explained: 'members', read: (row: OverviewRow) => row.members },
  { short: 'inv', long: 'Invited', explained: 'invitations', read: (row: OverviewRow) => row.invited },
  {
    short: 'SA',
    long: 'Super Admins',
    explained: 'Super Administrators held',
    read: (row: OverviewRow) => row.superAdministrators,
  },
  {
    short: 'old',
    long: 'Oldest invitation',
    explained: 'days of the oldest invitation',
    read: (row: OverviewRow) => row.oldestInvitation,
  },
  {
    short: 'complete',
    long: 'Last complete',
    explained: 'the last complete night',
    read: (row: OverviewRow) => row.lastComplete,
  },
] as const;

/** What wants attention, then the principals, as plain text in columns. */
export function writeOverviewText(overview: Overview): string {
  return [...writeAttentionText(overview), ...writeTableText(overview)].join('\n\n');
}

function writeAttentionText({ attention, moreAttention }: Overview): string[] {
  if (attention.length === 0) return [];
  const lines = attention.flatMap(({ text, commands }) => [
    `  ${text}`,
    ...commands.map((command) => `    ${withoutTicks(command)}`),
  ]);
  const more = moreAttention > 0 ? [`  and ${moreAttention} more`] : [];
  return [[`NEEDS YOU (${attention.length + moreAttention})`, '', ...lines, ...more].join('\n')];
}

/** A command that stands by itself needs none. */
function withoutTicks(command: string): string {
  return command.replaceAll(/^`|`$/g, '');
}

function writeTableText({ rows, more }: Overview): string[] {
  if (rows.length === 0) return [];
  const widths = columns.map(({ short, read }) =>
    Math.max(short.length, ...rows.map((row) => stringWidth(read(row)))),
  );
  const nights = Math.max(...rows.map((row) => row.nights.length), 'last nights'.length);
  const taken = widths.reduce((sum, width) => sum + width + 1, 2 + nights + 1);
  const names = Math.min(
    Math.max('principal'.length, ...rows.map(({ principal }) => stringWidth(principal))),
    lineWidth - taken,
  );
  const line = (name: string, strip: string, cells: readonly string[]) =>
    [
      padEnd(cliTruncate(name, names), names + 1),
      ` ${strip.padEnd(nights)} `,
      cells.map((cell, index) => padStart(cell, widths[index] ?? 0)).join(' '),
    ]
      .join('')
      .trimEnd();
  return [
    [
      line(
        'principal',
        'last nights',
        columns.map(({ short }) => short),
      ),
      ...rows.map((row) =>
        line(
          row.principal,
          writeLetters(row.nights).padStart(nights),
          columns.map(({ read }) => read(row)),
        ),
      ),
      ...(more > 0 ? [describeMore(more)] : []),
    ].join('\n'),
    [
      ...writeLegendText(rows.flatMap((row) => row.nights)),
      ...columns.map(({ short, explained }) => `  ${short.padEnd('complete'.length)}  ${explained}`),
    ].join('\n'),
  ];
}

function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - stringWidth(text))) + text;
}

function describeMore(more: number): string {
  return `And ${more} more ${more === 1 ? 'principal' : 'principals'}, none of them worse off.`;
}

const heading =
  'margin:24px 0 8px;padding:0 0 6px;border-bottom:1px solid #d5dae0;font-size:16px;line-height:1.3';
const quiet = 'color:#5f6b76';

/**
 * What wants attention, then the principals, as HTML. Each principal has a line for its name and nights, which wraps where
 * there is no room beside each other, and one for its figures: five columns, which fit the narrowest telephone.
 */
export function writeOverviewHtml(overview: Overview): readonly Markup[] {
  return [...writeAttention(overview), ...writeTable(overview)];
}

function writeAttention({ attention, moreAttention }: Overview): readonly Markup[] {
  if (attention.length === 0) return [];
  return [
    markup`<h2 class="rule" style="${heading}">Needs you <span class="quiet" style="${quiet};font-weight:400">${attention.length + moreAttention}</span></h2>
${attention.map(writeMatter)}${moreAttention > 0 ? [markup`<p class="quiet" style="margin:0 0 8px;${quiet};font-size:13px">and ${moreAttention} more</p>\n`] : []}`,
  ];
}

function writeMatter({ text, commands }: Attention): Markup {
  return markup`<p style="margin:0 0 ${commands.length === 0 ? 12 : 4}px">${writeCode(text)}</p>
${commands.length === 0 ? [] : [markup`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="width:100%;margin:0 0 14px"><tr><td class="command" bgcolor="#f2f4f7" style="padding:6px 10px;font-family:ui-monospace,Consolas,Menlo,'Courier New',monospace;font-size:13px">${commands.map((command, index) => markup`${index === 0 ? [] : [markup`<br>`]}${withoutTicks(command)}`)}</td></tr></table>\n`]}`;
}

function writeTable({ rows, more, timezone }: Overview): readonly Markup[] {
  if (rows.length === 0) return [];
  const cell = 'padding:2px 4px 0 0;font-size:11px;line-height:1.3;font-weight:400;vertical-align:bottom';
  return [
    markup`<h2 class="rule" style="${heading}">${rows.length + more === 1 ? 'Principal' : 'Principals'}</h2>
<table width="100%" cellpadding="0" cellspacing="0" style="width:100%;table-layout:fixed;border-collapse:collapse">
<tr class="quiet" style="${quiet}">${columns.map(({ long }) => markup`<th scope="col" width="20%" align="left" style="${cell}">${long}</th>`)}</tr>
${rows.map((row) => writeRow(row, timezone))}</table>
${more > 0 ? [markup`<p class="quiet" style="margin:10px 0 0;${quiet};font-size:13px">${describeMore(more)}</p>\n`] : []}${writeLegend(rows.flatMap((row) => row.nights))}`,
  ];
}

function writeRow(row: OverviewRow, timezone: string): Markup {
  const late = row.isLate ? { name: 'lost', style: ';color:#b3261e' } : { name: '', style: '' };
  const cells = columns.map(({ read }, index) =>
    index === columns.length - 1
      ? markup`<td class="${late.name}" style="padding:0 0 10px;font-size:14px${late.style}">${read(row)}</td>`
      : markup`<td style="padding:0 4px 10px 0;font-size:14px">${read(row)}</td>`,
  );
  return markup`<tr><th class="rule" colspan="${columns.length}" align="left" style="padding:8px 0 2px;border-top:1px solid #d5dae0;font-weight:600;line-height:1.6"><bdi style="display:inline-block;min-width:220px;margin:0 16px 0 0">${row.principal}</bdi> ${writeStrip({ nights: row.nights, timezone })}</th></tr>
<tr valign="top">${cells}</tr>
`;
}
