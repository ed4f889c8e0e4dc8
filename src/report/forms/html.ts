import { type Content, type Detail, type FootLine, type Line, type Section } from '../content.ts';
import { type Markup, markup } from '../../domain/markup.ts';

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
<title>${content.headline}</title>
${darkMode}
</head>
<body class="page" style="margin:0;padding:0;background:#ffffff;color:#1d2329">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#ffffff;color:#1d2329"><tr><td align="center">
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
  .lost { color: #ff8a80 !important; }
  .gained { color: #6fd08c !important; }
}
</style>`;

function writeBody({ headline, alert, paragraphs, sections, foot }: Content): Markup {
  return markup`<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">${headline}</h1>
${writeAlert(alert)}${paragraphs.map(writeParagraph)}${sections.map(writeSection)}${writeFoot(foot)}`;
}

function writeAlert(alert: string | null): readonly Markup[] {
  if (alert === null) return [];
  return [
    markup`<p class="alert" style="margin:0 0 16px;padding:10px 14px;border-left:4px solid #b3261e;background:#fdecea;color:#8c1d18;font-weight:600">${alert}</p>
`,
  ];
}

function writeParagraph(paragraph: string): Markup {
  return markup`<p style="margin:0 0 12px">${paragraph}</p>
`;
}

function writeSection({ title, count, remark, lines, more }: Section): Markup {
  return markup`<h2 class="rule" style="margin:28px 0 8px;padding:0 0 6px;border-bottom:1px solid #d5dae0;font-size:16px;line-height:1.3">${title} <span class="quiet" style="${quiet};font-weight:400">${count}</span></h2>
${remark === null ? [] : [writeQuiet(remark)]}${lines.map(writeLine)}${more > 0 ? [writeQuiet(`and ${more} more in the CSV`)] : []}`;
}

function writeQuiet(text: string): Markup {
  return markup`<p class="quiet" style="margin:0 0 8px;${quiet};font-size:13px">${text}</p>
`;
}

function writeLine({ organizationName, organizationId, alert, notes, details, moreDetails }: Line): Markup {
  const id = markup`<span class="quiet" style="${quiet};${monospace};font-size:12px">${organizationId}</span>`;
  const organization =
    organizationName === null ? id : markup`<bdi style="font-weight:600">${organizationName}</bdi> ${id}`;
  return markup`<p style="margin:0 0 10px">${organization}${alert === null ? [] : [writeLineAlert(alert)]}${notes.map(writeNote)}${details.map(writeDetail)}${
    moreDetails > 0
      ? [
          markup`<br><span class="quiet" style="${quiet}">&nbsp;&nbsp;and ${moreDetails} more in the CSV</span>`,
        ]
      : []
  }</p>
`;
}

function writeLineAlert(alert: string): Markup {
  return markup` <strong class="lost" style="color:#b3261e;white-space:nowrap">${alert}</strong>`;
}

function writeNote(note: string): Markup {
  return markup` <span>&middot;&nbsp;<bdi>${note}</bdi></span>`;
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
