import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { visible } from '../../src/domain/visible.ts';
import { type AuditedHistory } from '../../src/domain/audit.ts';
import { hostileNames } from '../audit/hostile-names.ts';
import { changeOver, inventHistory } from '../audit/invented-history.ts';
import { hasChromium, type OpenPage, pageOf, useChromium } from './page.ts';

const chromium = useChromium();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const size = { memberships: 60, changes: 90, nights: 120, principals: ['ops-bot', 'legacy', 'agency-a'] };
const history = inventHistory(size);
const html = pageOf(history);

/** Of few rows: axe looks at each for long. */
const few = pageOf(changeOver(inventHistory({ ...size, memberships: 9, changes: 9, nights: 25 })));

/** The same history, in which strangers have chosen names, roles and addresses. */
function hostile(): AuditedHistory {
  const nameAt = (index: number) => hostileNames[index % hostileNames.length] ?? '';
  const named = new Map(
    [...new Set(history.intervals.map(({ organizationId }) => organizationId))].map((id, index) => [
      id,
      nameAt(index),
    ]),
  );
  const rename = <Row extends { organizationId: string }>(row: Row) => ({
    ...row,
    organizationName: named.get(row.organizationId) ?? '',
  });
  const both = changeOver(history);
  return {
    ...both,
    intervals: both.intervals.map((interval, index) => ({
      ...rename(interval),
      roles: [nameAt(index)],
      permissions: [nameAt(index + 1)],
      ...(interval.policies === null
        ? {}
        : { policies: [nameAt(index + 2)], parentOrganization: nameAt(index + 3) }),
    })),
    changes: history.changes.map((change, index) => ({
      ...rename(change),
      added: [nameAt(index)],
      invitedBy: nameAt(index),
    })),
    runs: history.runs.map((run, index) => (run.error === null ? run : { ...run, error: nameAt(index) })),
  };
}

const rowsOf = ({ page }: OpenPage, table: string) => page.locator(`#${table} tbody tr`);
const cellsOf = async (opened: OpenPage, table: string, column: string) =>
  (await opened.page.locator(`#${table} tbody td.${column}`).allInnerTexts()).map((text) => text.trim());

describe.skipIf(!hasChromium)('the audit page in Chromium (skipped where there is none)', () => {
  it('opens without a complaint, and asks for nothing but itself', async () => {
    const opened = await chromium.open(html);

    expect(await rowsOf(opened, 'roll').count()).toBe(25);
    expect(opened.complaints).toEqual([]);
    expect(opened.requests).toEqual([opened.url]);
  });

  it('lets no script run but its own, whoever puts one in', async () => {
    const opened = await chromium.open(
      html.replace(
        '<main',
        `<img src="x" onerror="document.title='harmed'"><script>document.title='harmed'</script><main`,
      ),
    );
    await opened.page.locator('#roll tbody tr').first().waitFor();

    expect(await opened.page.title()).not.toBe('harmed');
    expect(opened.complaints.join('\n')).toMatch(/Content Security Policy/);
  });

  it.each(['light', 'dark'] as const)(
    'has no fault of accessibility that axe knows, in %s',
    async (colorScheme) => {
      for (const width of [1400, 360]) {
        const { page } = await chromium.open(few, { colorScheme, width });
        await page.evaluate(axe);
        const { violations } = await page.evaluate<{
          violations: { id: string; nodes: { html: string }[] }[];
        }>("axe.run({ resultTypes: ['violations'] })");

        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
          String(width),
        ).toEqual([]);
      }
    },
  );

  it('is read without scrolling sideways at 360 and 1400 pixels, whatever the names', async () => {
    for (const width of [360, 760, 1400]) {
      const { page } = await chromium.open(pageOf(hostile()), { width });

      expect(
        await page.evaluate<number>('document.documentElement.scrollWidth'),
        String(width),
      ).toBeLessThanOrEqual(width);
    }
  });

  it('shows hostile names as text, what hides in them spelled out', async () => {
    const opened = await chromium.open(pageOf(hostile()));
    await opened.page.locator('#roll .more button').last().click();
    const shown = await opened.page.locator('#roll tbody .own').allTextContents();

    expect([...new Set(shown)].sort()).toEqual(hostileNames.map((name) => visible(name, 1_000)).sort());
    expect(await opened.page.title()).toMatch(/^Cloudflare memberships/);
    expect(await opened.page.locator('main img, main svg [onload]').count()).toBe(0);
    expect(opened.complaints).toEqual([]);
  });

  it('guards in what is copied what a spreadsheet would run', async () => {
    const { page } = await chromium.open(pageOf(hostile()));
    await page.locator('#words').fill('HYPERLINK');
    await page.locator('#roll .own', { hasText: '=HYPERLINK' }).first().selectText();
    await page.keyboard.press('Control+c');
    await page.locator('#words').fill('');
    await page.keyboard.press('Control+v');

    expect(await page.locator('#words').inputValue()).toBe(`'=HYPERLINK("https://phish.example","Acme")`);
  });

  it('links to nothing but itself and the dashboard of Cloudflare', async () => {
    const { page } = await chromium.open(pageOf(hostile()));
    const links = await page
      .locator('a')
      .evaluateAll((found) => found.map((link) => (link as unknown as { href: string }).href));
    const outside = links.filter((link) => !link.startsWith('file://'));

    expect(outside.length).toBeGreaterThan(50);
    expect(
      outside.filter((link) => !/^https:\/\/dash\.cloudflare\.com\/[0-9a-f]{32}\/members$/.test(link)),
    ).toEqual([]);
  });

  it('says without scripts what is missing, and shows the chain heads', async () => {
    const { page } = await chromium.open(html, { javaScriptEnabled: false });

    expect(await page.locator('noscript').innerText()).toMatch(/The roll now \(\d+\).*Changes \(90\)/);
    expect(await page.locator('#check').innerText()).toContain(history.principals[0]?.newest?.chain);
    expect(await page.locator('#summary').innerText()).toMatch(/Changes\s*90/);
  });
});

describe.skipIf(!hasChromium)('with a keyboard alone (skipped where there is no Chromium)', () => {
  it('every table is narrowed at once by what is typed, accents and case aside', async () => {
    const opened = await chromium.open(html);
    const { page } = opened;
    await page.locator('#words').focus();
    await page.keyboard.type('turkiye SUPER');

    const names = await cellsOf(opened, 'super-administrators', 'organization');
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !name.includes('Türkiye'))).toEqual([]);
    expect(await page.locator('#narrowed').innerText()).toContain('turkiye SUPER');
    expect(page.url()).toContain('q=turkiye+SUPER');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('nothing is called so');
    expect(await page.locator('#roll .told').innerText()).toMatch(/^None of \d+ fits/);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await rowsOf(opened, 'roll').count()).toBe(25);
    expect(await page.locator('#words').inputValue()).toBe('');
  });

  it('a head orders the rows, and again the other way round', async () => {
    const opened = await chromium.open(html);
    const head = opened.page.locator('#changes th.organization');
    await head.getByRole('button').focus();
    await opened.page.keyboard.press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    const up = await cellsOf(opened, 'changes', 'organization');
    await opened.page.keyboard.press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    const down = await cellsOf(opened, 'changes', 'organization');

    const compare = new Intl.Collator('en', { numeric: true }).compare;
    expect(up).toEqual(up.toSorted(compare));
    expect(down).toEqual(down.toSorted((left, right) => compare(right, left)));
    expect(compare(up[0] ?? '', down[0] ?? '')).toBeLessThan(0);
  });

  it('more rows are shown, and the keyboard goes on at the first of them', async () => {
    const opened = await chromium.open(html);
    await opened.page.locator('#changes .more button').last().focus();
    await opened.page.keyboard.press('Enter');

    expect(await rowsOf(opened, 'changes').count()).toBe(90);
    expect(await opened.page.locator('#changes .told').innerText()).toBe('90 of 90 shown');
    expect(
      await opened.page.evaluate(
        '[...document.querySelectorAll("#changes tbody tr")].indexOf(document.activeElement)',
      ),
    ).toBe(25);
  });

  it('a link into the page shows what it says, and the section that it names', async () => {
    const opened = await chromium.open(html, {
      hash: '#changes?choose.changes.kind=left&order.changes=organization&principal=legacy',
    });

    expect(new Set(await cellsOf(opened, 'changes', 'kind'))).toEqual(new Set(['left']));
    expect(new Set(await cellsOf(opened, 'changes', 'principal'))).toEqual(new Set(['legacy']));
    expect(await opened.page.evaluate('document.activeElement.id')).toBe('changes');
    const { y = -1 } = (await opened.page.locator('#changes h2').boundingBox()) ?? {};
    expect(y).toBeGreaterThanOrEqual(50);
    expect(y).toBeLessThan(200);
  });

  it("an organization's name leads to all that there is of it, with what was not observed in its place", async () => {
    const opened = await chromium.open(html);
    const link = opened.page.locator('#timelines .own').first();
    const name = await link.innerText();
    await link.focus();
    await opened.page.keyboard.press('Enter');
    await opened.page.locator('#narrowed:not(:empty)').waitFor();
    expect(opened.page.url()).toMatch(/#timelines\?organization=[0-9a-f]{32}$/);

    expect(await rowsOf(opened, 'timelines').count()).toBe(1);
    expect(await opened.page.locator('#timelines .story').innerText()).toMatch(/to .*: not observed/);
    expect(await opened.page.locator('#narrowed').innerText()).toContain(name);
    const organizations = await cellsOf(opened, 'changes', 'organization');
    expect(organizations.filter((one) => !one.includes(name.replace(/ group$/, '')))).toEqual([]);
    await opened.page.goBack();
    await opened.page.locator('#narrowed:empty').waitFor({ state: 'attached' });
    expect(await rowsOf(opened, 'timelines').count()).toBe(25);
  });
});

describe.skipIf(!hasChromium)('where the source changed (skipped where there is no Chromium)', () => {
  it('each timeline has a mark and says so in words, once, and the roll shows what is known since', async () => {
    const opened = await chromium.open(pageOf(changeOver(history)));
    const timelines = await rowsOf(opened, 'timelines').count();
    const stories = await opened.page.locator('#timelines .story').allInnerTexts();

    expect(await opened.page.locator('#timelines tbody .bar .seam').count()).toBe(timelines);
    for (const story of stories) expect(story.match(/source changed to memberships/g)).toHaveLength(1);
    expect(await opened.page.locator('.legend').innerText()).toContain('source changed');
    expect(new Set(await cellsOf(opened, 'roll', 'twoFactorEnforced'))).toEqual(
      new Set(['enforced', 'not enforced']),
    );
    const grave = await opened.page.locator('#roll td.policies .grave').allInnerTexts();
    expect(grave.filter((line) => !/^allow .*Super Administrator/.test(line))).toEqual([]);
    expect(grave.length).toBeGreaterThan(0);
    expect(opened.complaints).toEqual([]);
  });
});

describe.skipIf(!hasChromium)('on paper (skipped where there is no Chromium)', () => {
  it('is all of a few hundred rows that the filter leaves, and afterwards what was there before', async () => {
    const opened = await chromium.open(html, { hash: '#roll?principal=legacy' });
    const left = await opened.page.locator('#changes .told').innerText();
    const pdf = await opened.page.pdf({ preferCSSPageSize: true });
    const pages = pdf.toString('latin1').match(/\/Type ?\/Page\b/g)?.length ?? 0;
    await opened.page.emulateMedia({ media: 'print' });
    await opened.page.evaluate('dispatchEvent(new Event("beforeprint"))');

    expect(left).toMatch(/^25 of \d\d shown/);
    expect(pages).toBeGreaterThan(5);
    expect(await opened.page.locator('#changes .told').innerText()).toMatch(
      /^(\d+) of \1 shown \(90 in all\)/,
    );
    expect(await opened.page.locator('#narrowed').innerText()).toContain('legacy');
    expect(
      await opened.page
        .locator('nav, #words, .more button, .choices select')
        .filter({ visible: true })
        .count(),
    ).toBe(0);
    await opened.page.evaluate('dispatchEvent(new Event("afterprint"))');
    expect(await rowsOf(opened, 'changes').count()).toBe(25);
  });

  it('cuts nothing off at the edge of the paper, whatever the names', async () => {
    const { page } = await chromium.open(pageOf(hostile()));
    // A4 across, without its margins, in CSS pixels.
    await page.setViewportSize({ width: 1031, height: 680 });
    await page.emulateMedia({ media: 'print' });

    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1031);
  });
});
