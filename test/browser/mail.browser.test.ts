import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { type InnerMatters } from '../../src/domain/nights.ts';
import { composeDigestReport, composeFailureReport, composeReport } from '../../src/report/report.ts';
import { aChange, aRun, changesOf, nightsOf, quietNights, tonight, voice } from '../report/builders.ts';
import { changeKinds } from '../../src/domain/change.ts';
import { composeSample } from '../../src/report/sample.ts';
import { hostileNames } from '../audit/hostile-names.ts';
import { hasChromium, useChromium } from './page.ts';

const chromium = useChromium();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const period = { from: new Date('2026-08-10T08:00:00Z'), to: new Date('2026-08-17T08:00:00Z') };

const inner: InnerMatters = {
  unsent: { mail: 2, webhook: 1, states: ['failed'] },
  forgotten: [{ principal: 'x'.repeat(200), memberships: 12, lastComplete: tonight }],
  unheard: ['new-bot'],
};

const letters = '    ..........CC...F.MM..H...C';
const rolls = Array.from({ length: 30 }, (_, index) => 118 + Math.round(index / 4));

const principals = [
  quietNights({ nights: nightsOf(letters, rolls), failed: 1, missed: 2, members: 100_000, invited: 20_000 }),
  quietNights({
    principal: '<b>👩‍💻</b> '.repeat(20),
    nights: nightsOf('CFMH.'.repeat(6)),
    lastComplete: null,
  }),
  quietNights({
    principal: 'service-user-with-a-very-long-name-of-an-agency',
    heldRun: { runId: 81_234, at: tonight },
    invited: 9,
    oldInvitations: 3,
    oldestInvitation: new Date('2019-01-01T00:00:00Z'),
    superAdministrators: 1234,
    nights: nightsOf(`${'.'.repeat(29)}H`),
  }),
  ...Array.from({ length: 12 }, (_, index) => quietNights({ principal: `bot-${index}` })),
];

const run = aRun({ nights: nightsOf(letters, rolls) });

/** What strangers may call an organization, a role, themselves. */
const hostile = hostileNames.flatMap((name, index) =>
  changeKinds.map((kind) =>
    aChange(kind, {
      id: index,
      organizationId: `${name}${index}`,
      organizationName: name,
      before: name,
      after: name,
      added: [name],
      removed: [`${name}${index}`],
      offered: [name],
      invitedBy: name,
    }),
  ),
);

const samples = composeSample('équipe-sécurité-with-quite-a-long-name', voice);

const mails: Record<string, string> = {
  ...Object.fromEntries(samples.map(({ title, html }) => [`sample: ${title}`, html])),
  'hostile names': composeReport(run, { changes: hostile }, voice)?.html ?? '',
  'digest of trouble': composeDigestReport({ ...period, principals, inner }, voice).html,
  'digest of quiet': composeDigestReport(
    { ...period, principals: [quietNights(), quietNights({ principal: 'legacy', invited: 2 })], inner: null },
    voice,
  ).html,
  changes: composeReport(run, { changes: [...changesOf('joined', 2), aChange('left')] }, voice)?.html ?? '',
  failure: composeFailureReport(
    {
      runId: 813,
      principal: 'ops-bot',
      source: 'organizations',
      state: 'failed',
      code: 'not_permitted',
      requests: 1,
      error: 'HTTP 403: token refused',
      finishedAt: tonight,
      lastComplete: null,
      nights: nightsOf('.......FFMF'),
    },
    voice,
  ).html,
};

/** What axe says of a rule. */
interface Rule {
  id: string;
  nodes: { html: string }[];
}

const whatIsTooWide = `[...document.querySelectorAll('body *')]
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
  .map((element) => element.outerHTML.slice(0, 100))`;

const hrefs = `[...document.querySelectorAll('a')].map((link) => link.getAttribute('href') ?? '')`;

const widthsOfNights = `[...document.querySelectorAll('td.night')].map((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return { cell: cell.getBoundingClientRect().width, letter: range.getBoundingClientRect().width };
})`;

/** As Gmail shows a mail that it clips, and Outlook always: without its style sheet. */
const withoutSheet = (html: string) => html.replace(/<style>[^]*?<\/style>/, '');

describe.skipIf(!hasChromium)('mail in Chromium (skipped where there is none)', () => {
  describe.each(Object.entries(mails))('%s', (_, html) => {
    it.each([320, 360, 1200])('fits in %i pixels, with style sheets and without', async (width) => {
      for (const source of [html, withoutSheet(html)]) {
        const { page, requests } = await chromium.open(source, { width });
        expect(await page.evaluate<string[]>(whatIsTooWide)).toEqual([]);
        expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
          width,
        );
        expect(requests).toHaveLength(1);
      }
    });

    it.each(['light', 'dark'] as const)(
      'can be read in %s: every text has its contrast, and every picture its words',
      async (colorScheme) => {
        const { page } = await chromium.open(html, { width: 360, colorScheme });
        await page.evaluate(axe);
        const { violations, passes } = await page.evaluate<Record<'violations' | 'passes', Rule[]>>(
          "axe.run({ runOnly: ['wcag2a', 'wcag2aa'] })",
        );
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
        expect(passes.map(({ id }) => id)).toContain('color-contrast');
      },
    );
  });

  it('executes nothing and links to nothing that strangers wrote', async () => {
    const { page, complaints, requests } = await chromium.open(mails['hostile names'] ?? '');
    expect(complaints).toEqual([]);
    expect(requests).toHaveLength(1);
    expect(await page.locator('script, img, iframe, form, svg, object').count()).toBe(0);
    const links = await page.evaluate<string[]>(hrefs);
    expect(links).toEqual([]);
  });

  it('links, where it does, to the members of organizations at Cloudflare alone', async () => {
    const { page } = await chromium.open(mails['sample: changes'] ?? '');
    const links = await page.evaluate<string[]>(hrefs);
    expect(links.length).toBeGreaterThan(2);
    for (const link of links)
      expect(link).toMatch(/^https:\/\/dash\.cloudflare\.com\/[0-9a-f]{32}\/members$/);
  });

  it('hides the preheader, which an inbox shows behind the subject', async () => {
    const { page } = await chromium.open(mails['sample: changes'] ?? '');
    const first = page.locator('body > div').first();
    expect(await first.textContent()).toContain('It happened between');
    expect(await first.isVisible()).toBe(false);
  });

  it('shows a night as a cell with its letter whole in it, on the narrowest screen', async () => {
    const { page } = await chromium.open(mails['changes'] ?? '', { width: 320 });
    const cells = page.locator('td.night');
    expect((await cells.allInnerTexts()).join('')).toBe(letters.trim().replaceAll('.', '·'));
    const widths = await page.evaluate<{ cell: number; letter: number }[]>(widthsOfNights);
    expect(widths).toHaveLength(letters.trim().length);
    for (const { cell, letter } of widths) expect(letter).toBeLessThanOrEqual(cell);
  });

  it('shows the roll as bars that stand on the strip, the higher the larger it was', async () => {
    const { page } = await chromium.open(mails['changes'] ?? '', { width: 320 });
    const bars = await page.evaluate<{ height: number; bottom: number }[]>(
      `[...document.querySelectorAll('td.bar')].map((bar) => bar.getBoundingClientRect()).map(({ height, bottom }) => ({ height, bottom }))`,
    );
    expect(new Set(bars.map(({ bottom }) => bottom)).size).toBe(1);
    const heights = bars.map(({ height }) => height);
    expect(heights).toEqual(heights.toSorted((left, right) => left - right));
    expect(Math.max(...heights)).toBeGreaterThan(4 * Math.min(...heights));
  });
});
