import { describe, expect, test } from 'vitest';
import { type Change, changeKinds, kinds } from '../../src/domain/change.ts';
import {
  composeDigestReport,
  composeHeldReport,
  composeReport,
  type Report,
} from '../../src/report/report.ts';
import { wordings } from '../../src/report/wording.ts';
import { aChange, aRun, changesOf, lastNight, nightsOf, quietNights, tonight, voice } from './builders.ts';

/** As long as an organization may call itself and its roles, in what takes the most to write. */
const costly = ['<', '&', '🐦', '\u202E', '\uD83D'];

const longestName = 250;

const roles = (count: number, text: string) => Array.from({ length: count }, (_, index) => `${text}${index}`);

/** A night in which everything happens to more organizations of that name than are told. */
function aWildNight(name: string): Change[] {
  return changeKinds.flatMap((kind) =>
    Array.from({ length: 25 }, (_, index) =>
      aChange(kind, {
        id: index,
        organizationId: `${name}${index}`,
        organizationName: `${name}${index}`,
        before: name,
        after: name,
        added: roles(12, name),
        removed: roles(12, name),
        offered: roles(12, name),
        invitedBy: name,
        superAdministrator: 'lost',
      }),
    ),
  );
}

function expectBounded({ html, text }: Report, changes: readonly Change[]): void {
  expect(Buffer.byteLength(html)).toBeLessThanOrEqual(90_000);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(90_000);
  for (const kind of new Set(changes.map((change) => change.kind))) {
    const count = changes.filter((change) => change.kind === kind).length;
    expect(text).toContain(`${wordings[kind].title.toUpperCase()} (${count})`);
  }
}

function reportOn(changes: readonly Change[]): Report {
  const report = composeReport(aRun({ principal: '<'.repeat(100) }), { changes }, voice);
  if (report === null) throw new Error('expected a report');
  return report;
}

describe('a mail is of a bearable size, and counts all that happened', () => {
  test.each(costly)('on a night of long names of %j', (character) => {
    const changes = aWildNight(character.repeat(longestName));
    expectBounded(reportOn(changes), changes);
  });

  test('on a night that is held', () => {
    const changes = aWildNight('&'.repeat(longestName));
    expectBounded(
      composeHeldReport({ ...aRun(), firstRunId: 1, reason: 'too much' }, changes, voice),
      changes,
    );
  });

  test('when everybody gets a permission', () => {
    const changes = Array.from({ length: 10_000 }, (_, index) =>
      aChange('permissions_changed', {
        id: index,
        organizationName: `Organization ${index}`,
        added: ['#zone:read'],
      }),
    );
    const report = reportOn(changes);
    expectBounded(report, changes);
    expect(report.text).toContain('and 9980 more in the CSV');
    expect(report.csv?.content.split('\r\n')).toHaveLength(10_002);
  });
});

test('a mail of thousands of policy lines is of a bearable size, and its file has them all', () => {
  const account = 'com.cloudflare.api.account';
  const changes = Array.from({ length: 300 }, (_, index) => {
    const lines = Array.from(
      { length: 40 },
      (_, line) => `allow ${'"&<'.repeat(30)}${line} on ${account}.zone.${index}`,
    );
    return aChange('policies_changed', {
      id: index,
      organizationName: `Organization ${index}`,
      before: '',
      after: lines.join('; '),
      added: lines,
    });
  });
  const report = reportOn(changes);
  expectBounded(report, changes);
  expect(report.text).toContain('and 280 more in the CSV');
  expect(report.csv?.content).toContain(`39 on ${account}.zone.299`);
});

test('a digest of many principals is of a bearable size too', () => {
  const changes = changeKinds.map((kind) => ({
    kind,
    category: kinds[kind],
    added: [],
    removed: [],
    offered: [],
    superAdministrator: null,
    count: 10_000,
  }));
  const principals = Array.from({ length: 500 }, () =>
    quietNights({
      principal: '&'.repeat(100),
      failed: 1,
      missed: 1,
      nights: nightsOf('.CFMH'.repeat(6)),
      changes,
      members: 10_000,
      invited: 10_000,
      other: 10_000,
      aheadUntil: tonight,
      isMismatched: true,
      heldRun: { runId: 812, at: lastNight },
      oldestInvitation: lastNight,
      oldInvitations: 10_000,
    }),
  );
  const digest = { from: lastNight, to: tonight, principals, inner: null };
  const { html, text } = composeDigestReport(digest, voice);
  expect(Buffer.byteLength(html)).toBeLessThanOrEqual(90_000);
  const told = text.match(/^&+.*\.CFMH.*$/gm) ?? [];
  expect(told.length).toBeGreaterThan(4);
  for (const body of [text, html]) expect(body).toContain(`And ${500 - told.length} more principals`);
});

test('what had to go is counted, and the gravest is told', () => {
  const many = changesOf('roles_changed', 30).map((change) => ({
    ...change,
    added: roles(40, '&'.repeat(150)),
  }));
  const grave = aChange('roles_changed', {
    organizationName: 'Zebra',
    superAdministrator: 'lost',
    removed: ['x'],
  });
  const { text, html } = reportOn([...many, grave]);
  const told = text.match(/^ {2}(?:Organization|Zebra).*$/gm) ?? [];
  expect(told[0]).toContain('Zebra');
  expect(text).toContain(`and ${31 - told.length} more in the CSV`);
  expect(html).toContain(`and ${31 - told.length} more in the CSV`);
});

test('a usual night is told whole', () => {
  const changes = changesOf('joined', 20).map((change) => ({
    ...change,
    added: roles(10, 'Administrator '),
  }));
  expect(reportOn(changes).text).not.toContain('more in the CSV');
});
