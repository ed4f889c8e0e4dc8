/**
 * How soon the page of `audit` opens in Chromium, beside the same rows as a plain HTML table. Reproduce with
 * `npm run bench:audit`, which takes three minutes; it ends with status 1 when a target is missed.
 *
 * | what | value | at most |
 * | --- | ---: | ---: |
 * | the page, opened | 631 ms | 2,000 |
 * | a plain table, opened | 38,154 ms | |
 * | the page against the plain table | 0.02 × | 1 |
 * | the page, held by its script | 7.9 MB | 20 |
 * | the page, as a file | 7.2 MB | 20 |
 * | a plain table, as a file | 12.4 MB | |
 * | composing the page | 688 ms | |
 *
 * 10,000 memberships of three principals, 20,000 changes and 400 nights, of which some failed, and of which the
 * second half was read from memberships. Medians of three openings of
 * each file, taken in turn: from the navigation to the first frame after all that it runs. The heap is what the page's script
 * holds after a collection. Composing is by this process, from rows that have been read.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { composePage } from '../src/audit/page.ts';
import { markup } from '../src/domain/markup.ts';
import { changeRow } from '../src/report/columns.ts';
import { aboutPage } from '../test/audit/about-page.ts';
import { changeOver, inventHistory } from '../test/audit/invented-history.ts';
import { ask } from '../test/support/programs.ts';
import { makeTemporaryFolder } from '../test/support/temporary-folder.ts';

const size = {
  memberships: 10_000,
  changes: 20_000,
  nights: 400,
  principals: ['ops-bot', 'legacy', 'agency-a'],
};
const repeats = 3;

/** The same memberships and changes, as a report usually has them. */
function writePlain(history: ReturnType<typeof inventHistory>): string {
  const table = (rows: readonly object[]) =>
    markup`<table>${rows.map((row) => markup`<tr>${Object.values(row).map((cell) => markup`<td>${String(cell)}</td>`)}</tr>\n`)}</table>`;
  const current = history.intervals.filter(({ to }) => to === null);
  return markup`<!doctype html><meta charset="utf-8"><title>plain</title>${table(current)}${table(history.changes.map(changeRow))}`
    .source;
}

/** Milliseconds from the navigation to the frame after the next, and megabytes that scripts hold. */
async function openOnce(browser: Browser, file: string): Promise<{ ms: number; heap: number }> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  await page.goto(pathToFileURL(file).href, { timeout: 180_000 });
  const frame =
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))';
  const ms = await page.evaluate<number>(frame);
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await page.close();
  return { ms, heap: usedSize / 1e6 };
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const history = changeOver(inventHistory(size));
const startedAt = performance.now();
const { html } = composePage(history, aboutPage);
const composedMs = performance.now() - startedAt;
const { folder, remove } = await makeTemporaryFolder('bench-audit');
const [executablePath = ''] = ask('sh', ['-c', 'command -v chromium']).said.split('\n');
const browser = await chromium.launch({
  executablePath,
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  const files = { page: path.join(folder, 'audit.html'), plain: path.join(folder, 'plain.html') };
  const plain = writePlain(history);
  writeFileSync(files.page, html);
  writeFileSync(files.plain, plain);
  const [page, peer]: [{ ms: number; heap: number }[], { ms: number; heap: number }[]] = [[], []];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    page.push(await openOnce(browser, files.page));
    peer.push(await openOnce(browser, files.plain));
  }
  const ms = median(page.map((one) => one.ms));
  const peerMs = median(peer.map((one) => one.ms));
  const results = [
    { what: 'the page, opened', value: ms, unit: 'ms', most: 2_000 },
    { what: 'a plain table, opened', value: peerMs, unit: 'ms', most: null },
    { what: 'the page against the plain table', value: ms / peerMs, unit: '×', most: 1 },
    {
      what: 'the page, held by its script',
      value: median(page.map((one) => one.heap)),
      unit: 'MB',
      most: 20,
    },
    { what: 'the page, as a file', value: Buffer.byteLength(html) / 1e6, unit: 'MB', most: 20 },
    { what: 'a plain table, as a file', value: Buffer.byteLength(plain) / 1e6, unit: 'MB', most: null },
    { what: 'composing the page', value: composedMs, unit: 'ms', most: null },
  ];
  console.log('| what | value | at most |\n| --- | ---: | ---: |');
  for (const { what, value, unit, most } of results) {
    console.log(`| ${what} | ${value.toFixed(unit === 'ms' ? 0 : 2)} ${unit} | ${most ?? ''} |`);
    if (most !== null && !(value <= most)) process.exitCode = 1;
  }
} finally {
  await browser.close();
  remove();
}
