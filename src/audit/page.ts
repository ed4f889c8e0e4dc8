import { type AuditedHistory } from '../domain/audit.ts';
import { Markup, markup } from '../domain/markup.ts';
import { visible } from '../domain/visible.ts';
import { type Asset, readAssets } from './assets.ts';
import { writeCheck } from './check.ts';
import { composeData, type PagePeriod } from './compose.ts';
import { type PageData } from './data.ts';
import { scriptJson } from './data-json.ts';
import { describeSections, type Section } from './sections.ts';
import { summarize } from './summary.ts';
import { day, number, second } from './words.ts';

/** What an audit's page says of itself. */
export interface AboutPage extends PagePeriod {
  /** When it was made, and from what instant its roll is where the period has no end. */
  madeAt: Date;
  /** Whether the period ends before it was made. */
  isPast: boolean;
  /** The only principal that it is of; `null` where it is of all. */
  principal: string | null;
  version: string;
  /** How commands are written: what is typed in place of `rollcall`. */
  command: string;
}

/** A page, and how much is in it. */
export interface ComposedPage {
  html: string;
  counts: Readonly<Record<string, number>>;
}

/** One self-contained HTML page of a history: it loads nothing, and runs no script but its own. */
export function composePage(history: AuditedHistory, about: AboutPage): ComposedPage {
  const data = composeData(history, about);
  const { style, script } = readAssets();
  const counts = Object.fromEntries(data.tables.map(({ id, rows }) => [id, rows]));
  const html = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(style, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<meta name="generator" content="rollcall ${about.version}">
<title>${titleOf(about)}</title>
<style>${raw(style.text)}</style>
</head>
<body>
<a class="skip" href="#summary">To the summary</a>
${writeHeader(about, counts)}
<main id="main">
${writeSummary(history, about, data)}
${describeSections(about).map((section) => writeSection(section, data))}
${writeCheck(history, about)}
</main>
<script type="application/json" id="data">${raw(scriptJson(data))}</script>
<script>${raw(script.text)}</script>
</body>
</html>
`;
  return { html: html.source, counts };
}

function raw(text: string): Markup {
  return new Markup(text);
}

/** Nothing is loaded from anywhere; of scripts and styles, ours run and no others. */
function policyOf(style: Asset, script: Asset): string {
  return [
    "default-src 'none'",
    `script-src ${script.source}`,
    `style-src ${style.source}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

function titleOf({ since, end, principal }: AboutPage): string {
  const from = since === null ? '' : `${day(since)} to `;
  const whose = principal === null ? '' : ` of ${visible(principal)}`;
  return `Cloudflare memberships${whose}, ${from}${day(end)}: audit`;
}

function writeHeader(about: AboutPage, counts: ComposedPage['counts']): Markup {
  const { since, end, isPast, madeAt, principal, version } = about;
  const from = since === null ? 'the first run' : second(since);
  const links = [
    { id: 'summary', title: 'Summary' },
    ...describeSections(about),
    { id: 'check', title: 'Check' },
  ];
  return markup`<header>
<h1>Cloudflare memberships <span class="quiet">audit</span></h1>
<p class="about">From ${from} to ${second(end)}${isPast ? '' : ' (when this page was made)'}. ${
    principal === null ? 'All principals' : markup`Only the principal <bdi>${visible(principal)}</bdi>`
  }. Made ${second(madeAt)} by rollcall ${version}. All times are UTC.</p>
<noscript><p class="alert">Scripts are off, so the tables are missing: ${countAll(about, counts)}. They are in this file, as JSON, in its element <code>data</code>. The summary and the chain heads below are whole.</p></noscript>
<nav aria-label="Sections"><ul>${links.map(({ id, title }) => writeLink(id, title, counts[id]))}</ul></nav>
</header>
<div class="tools" id="tools" role="search" hidden>
<label>Filter <input type="search" id="words" autocomplete="off" spellcheck="false" placeholder="organization, id, role, …"></label>
<label>Principal <select id="principal"><option value="">any</option></select></label>
<button type="button" id="clear">Clear</button>
<button type="button" id="print">Print</button>
<p id="narrowed" role="status"></p>
</div>
`;
}

function writeLink(id: string, title: string, count: number | undefined): Markup {
  const shown = count === undefined ? '' : markup` <span class="count">${number(count)}</span>`;
  return markup`<li><a href="#${id}">${title}${shown}</a></li>`;
}

function countAll(about: AboutPage, counts: ComposedPage['counts']): string {
  return describeSections(about)
    .map(({ id, title }) => `${title} (${number(counts[id] ?? 0)})`)
    .join(', ');
}

function writeSummary(history: AuditedHistory, about: AboutPage, data: PageData): Markup {
  const figures = summarize(history, data, about).map(
    ({ label, value, isAlert }) =>
      markup`<div${isAlert ? raw(' class="grave"') : ''}><dt>${label}</dt><dd>${value}</dd></div>`,
  );
  return markup`<section id="summary" aria-labelledby="summary-title">
<h2 id="summary-title">Summary</h2>
<dl class="figures">${figures}</dl>
</section>
`;
}

function writeSection({ id, title, intro, whenEmpty }: Section, data: PageData): Markup {
  const rows = data.tables.find((table) => table.id === id)?.rows ?? 0;
  const legend =
    id === 'timelines' ? [writeLegend(data.principals.some(({ seams }) => seams.length > 0))] : [];
  const figure = id === 'super-administrators' && rows > 0 ? [raw('<figure id="chart"></figure>\n')] : [];
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title} <span class="count">${number(rows)}</span></h2>
<p class="intro">${intro}</p>
${legend}${figure}<div class="table" data-empty="${whenEmpty}"></div>
</section>
`;
}

const seamKey = raw('<line class="seam" x1="14" x2="14" y1="0" y2="14"></line>');

function writeLegend(hasSeams: boolean): Markup {
  const entries = {
    member: 'member',
    super: 'Super Administrator',
    invited: 'invited',
    other: 'other',
    gap: 'not observed',
    seam: 'source changed: what is first known then is no change',
  };
  const told = Object.entries(entries).filter(([name]) => name !== 'seam' || hasSeams);
  const items = told.map(
    ([name, text]) =>
      markup`<li><svg class="key" aria-hidden="true" width="28" height="14">${name === 'seam' ? seamKey : markup`<rect class="${name}" width="28" height="14"></rect>`}</svg> ${text}</li>`,
  );
  return markup`<ul class="legend">${items}</ul>
`;
}
