import {
  type Content,
  type Detail,
  type FootLine,
  type Line,
  type Organization,
  type Section,
  type Step,
} from '../content.ts';
import { type Markup, markup } from '../../domain/markup.ts';
import { writeCode } from './code.ts';
import { writeNightsHtml } from './nights.ts';
import { writeOverviewHtml } from './principals-table.ts';

const sansSerif = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const monospace = "font-family:ui-monospace,Consolas,Menlo,'Courier New',monospace";
const quiet = 'color:#5f6b76';
const colours = {
  '−': { name: 'lost', style: 'color:#b3261e' },
  '+': { name: 'gained', style: 'color:#1b7a3d' },
};

/**
 * A report as an HTML mail that loads nothing: tables for Outlook, styles on the elements for Gmail, a style sheet for
 * the dark mode of those that read one, and a word to Apple's not to make a link of a number.
 */
export function writeHtml(content: Content): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>${content.subject}</title>
${darkMode}
</head>
<body class="page" style="margin:0;padding:0;background:#ffffff;color:#1d2329">
${writePreheader(content.preheader)}<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#ffffff;color:#1d2329"><tr><td align="center">
<table role="presentation" width="640" cellpadding="0" cellspacing="0" style="width:100%;max-width:640px"><tr><td align="left" style="padding:24px 20px;${sansSerif};font-size:15px;line-height:1.5;overflow-wrap:anywhere">
${writeBody(content)}</td></tr></table>
</td></tr></table>
</body>
</html>
`.source;
}

const darkMode = markup`<style>
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #15181c !important; color: #e6e8eb !important; }
  .quiet { color: #9aa4af !important; }
  .rule { border-color: #343b43 !important; }
  .alert { background: #3a1d1b !important; color: #ffb4ab !important; border-color: #f2665a !important; }
  .next { background: #1f252c !important; border-color: #343b43 !important; }
  .type { background: #2a323b !important; color: #e6e8eb !important; }
  .link { color: #8ab8ff !important; }
  .lost { color: #ff8a80 !important; }
  .gained { color: #6fd08c !important; }
  .command { background: #22272e !important; }
}
</style>`;

/** So many that no inbox shows what comes after them. */
const blanks = markup`${Array.from({ length: 40 }, () => markup`&#8199;&#847; `)}`;

/** What an inbox shows behind the subject. Nobody sees it in the mail; the blanks keep what follows out of it. */
function writePreheader(preheader: string): readonly Markup[] {
  if (preheader === '') return [];
  return [
    markup`<div style="display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;color:#ffffff;opacity:0">${preheader}${blanks}</div>
`,
  ];
}

function writeBody(content: Content): Markup {
  const { headline, alert, steps, paragraphs, sections, overview, nights, notes, foot } = content;
  const pictures = [
    ...(overview === undefined ? [] : writeOverviewHtml(overview)),
    ...(nights === undefined ? [] : writeNightsHtml(nights)),
  ];
  return markup`<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3;font-weight:600">${headline}</h1>
${writeAlert(alert)}${writeSteps(steps)}${paragraphs.map(writeParagraph)}${sections.map(writeSection)}${pictures}${writeNotes(notes)}${writeFoot(foot)}`;
}

function writeAlert(alert: string | null): readonly Markup[] {
  if (alert === null) return [];
  return [
    markup`<p class="alert" style="margin:0 0 16px;padding:10px 14px;border-left:4px solid #b3261e;background:#fdecea;color:#8c1d18;font-weight:600">${writeCode(alert)}</p>
`,
  ];
}

/** In a box of its own, since it is what most readers look for. */
function writeSteps(steps: readonly Step[]): readonly Markup[] {
  if (steps.length === 0) return [];
  return [
    markup`<table role="presentation" class="next" width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 20px;background:#f3f6f9;border:1px solid #d5dae0;border-radius:8px"><tr><td style="padding:6px 14px 12px;font-size:14px">
${steps.map(writeStep)}</td></tr></table>
`,
  ];
}

function writeStep({ text, command, href }: Step): Markup {
  if (href !== null) {
    return markup`<p style="margin:8px 0 0"><a class="link" href="${href}" style="color:#0b57d0;font-weight:600">${text}</a></p>
`;
  }
  return markup`<p style="margin:8px 0 0">${text}<br><code class="type" style="display:block;margin:4px 0 0;padding:6px 8px;background:#e4e9ee;color:#1d2329;border-radius:4px;${monospace};font-size:13px;word-break:break-word">${command ?? ''}</code></p>
`;
}

function writeParagraph(paragraph: string): Markup {
  return markup`<p style="margin:0 0 12px">${writeCode(paragraph)}</p>
`;
}

function writeSection({ title, count, remark, lines, more }: Section): Markup {
  return markup`<h2 class="rule" style="margin:28px 0 8px;padding:0 0 6px;border-bottom:1px solid #d5dae0;font-size:16px;line-height:1.3">${title} <span class="quiet" style="${quiet};font-weight:400">${count}</span></h2>
${remark === null ? [] : [writeQuiet(remark)]}${lines.map(writeLine)}${more > 0 ? [writeQuiet(`and ${more} more in the CSV`)] : []}`;
}

/** Small print, apart from what stands before it. */
function writeNotes(notes: readonly string[]): readonly Markup[] {
  return notes.map(
    (note, index) =>
      markup`${index === 0 ? markup`<div style="height:16px;line-height:16px">&nbsp;</div>` : ''}${writeQuiet(note)}`,
  );
}

function writeQuiet(text: string): Markup {
  return markup`<p class="quiet" style="margin:0 0 8px;${quiet};font-size:13px">${writeCode(text)}</p>
`;
}

function writeLine(line: Line): Markup {
  const { organizations, alert, notes, ids, details, moreDetails } = line;
  const [one] = organizations;
  const what = line.fold === null && one !== undefined ? writeOrganization(one) : writeFold(line);
  return markup`<p style="margin:0 0 12px">${what}${alert === null ? [] : [writeLineAlert(alert)]}${notes.map(writeNote)}${ids === null ? [] : [writeIds(ids)]}${details.map(writeDetail)}${
    moreDetails > 0
      ? [
          markup`<br><span class="quiet" style="${quiet}">&nbsp;&nbsp;and ${moreDetails} more in the CSV</span>`,
        ]
      : []
  }</p>
`;
}

/** Its name, and its id as small print, which leads to its members where they are worth a look. */
function writeOrganization({ name, id, href }: Organization): Markup {
  const code = markup`<span class="quiet" style="${quiet};${monospace};font-size:12px">${id}</span>`;
  const own =
    href === null
      ? code
      : markup`<a class="link" href="${href}" style="color:#0b57d0;font-size:13px">members</a> ${code}`;
  return name === null ? own : markup`<bdi style="font-weight:600">${name}</bdi> ${own}`;
}

function writeFold({ fold, count, organizations }: Line): Markup {
  const names = organizations.map(
    ({ name, id }, index) => markup`${index === 0 ? '' : ', '}<bdi>${name ?? id}</bdi>`,
  );
  const more = count - organizations.length;
  return markup`<span style="font-weight:600"><bdi>${fold ?? 'Changed'}</bdi> (${count}):</span> ${names}${more === 0 ? [] : [markup`, … <span class="quiet" style="${quiet}">and ${more} more in the CSV</span>`]}`;
}

function writeLineAlert(alert: string): Markup {
  return markup` <strong class="lost" style="color:#b3261e">${alert}</strong>`;
}

function writeNote(note: string): Markup {
  return markup` <span>&middot;&nbsp;<bdi>${note}</bdi></span>`;
}

function writeIds(ids: string): Markup {
  return markup` <span class="quiet" style="${quiet};${monospace};font-size:12px">${ids}</span>`;
}

function writeDetail({ sign, text }: Detail): Markup {
  const { name, style } = colours[sign];
  return markup`<br><span class="${name}" style="${style}">&nbsp;&nbsp;${sign} <bdi>${text}</bdi></span>`;
}

function writeFoot(foot: readonly FootLine[]): Markup {
  return markup`<table role="presentation" class="rule quiet" cellpadding="0" cellspacing="0" style="width:100%;margin:32px 0 0;border-top:1px solid #d5dae0;${quiet};font-size:12px;line-height:1.6">
${foot.map(writeFootLine)}</table>
`;
}

function writeFootLine({ label, value }: FootLine): Markup {
  return markup`<tr><td valign="top" style="padding:2px 12px 0 0;white-space:nowrap">${label}</td><td style="padding:2px 0 0;${monospace};word-break:break-all">${value}</td></tr>
`;
}
