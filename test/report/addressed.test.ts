import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { type Audience } from '../../src/report/audience.ts';
import {
  type AddressedReport,
  composeDigests,
  composeFailureReports,
  composeHeldReports,
  composeReports,
} from '../../src/report/addressed.ts';
import { aChange, aFirstRun, aRun, lastNight, tonight, voice, nightsOf, quietNights } from './builders.ts';

const left = aChange('left', { id: 1, organizationName: 'Globex', removed: ['Billing'] });
const invited = aChange('invited', { id: 2, organizationName: 'Initech', offered: ['DNS'] });

const everything: Audience = { to: ['security@example.com'] };
const outsider: Audience = { to: ['agency@example.com'], categories: ['invitation'] };
const audiences = [everything, outsider];

const aNight = { ...aRun(), recovered: false, isApproved: false };

/** Each report's kind, with those who get it. */
function deliveriesOf(reports: readonly AddressedReport[]): string[] {
  return reports.map(({ kind, recipients }) => `${kind}: ${recipients.map(({ name }) => name).join(', ')}`);
}

describe('an outsider who gets invitations', () => {
  test('gets these, in mail and CSV both, and nothing of what else changed or where the principal stands', () => {
    const released = { ...aNight, releasedRunIds: [75] };
    const reports = composeReports(released, { changes: [left, invited] }, { audiences, voice });
    const its = reports.find(({ recipients }) =>
      recipients.some(({ name }) => name === 'agency@example.com'),
    );
    const rows = parse<Record<string, string>>(its?.csv?.content ?? '', { columns: true, bom: true });
    expect(rows.map((row) => row['change_id'])).toEqual(['2']);
    expect(its?.text).not.toMatch(/left|held/i);
    expect(reports[0]?.text).toContain('Run 75 was held');
    for (const body of [its?.subject, its?.text, its?.html]) {
      expect(body).not.toMatch(/Globex|Billing|124/);
      expect(body).toMatch(/invited|Initech/);
    }
    expect(its?.text).toContain('only: invitation');
  });

  test('hears of no baseline, failure, hold, recovery or digest', () => {
    const telling = { audiences: [outsider], voice };
    const failed = {
      ...aRun(),
      source: 'organizations' as const,
      state: 'failed' as const,
      error: 'no answer',
      code: null,
      requests: 1,
      lastComplete: null,
    };
    const held = { ...aRun(), reason: 'much is gone', firstRunId: 812 };
    const digest = { from: lastNight, to: tonight, principals: [quietNights()], inner: null };
    expect([
      ...composeReports({ ...aFirstRun(), recovered: false, isApproved: false }, { changes: [] }, telling),
      ...composeReports({ ...aNight, recovered: true }, { changes: [] }, telling),
      ...composeFailureReports(failed, telling),
      ...composeHeldReports(held, [left, invited], telling),
      ...composeDigests(digest, telling),
    ]).toEqual([]);
  });
});

test('what a held run tells of is narrowed for those who ask for trouble of a kind, and says so', () => {
  const asked: Audience = { to: ['lead@example.com'], kinds: ['left'], about: ['trouble'] };
  const held = { ...aRun(), reason: 'much is gone', firstRunId: 812 };
  const [report] = composeHeldReports(held, [left, invited], { audiences: [asked], voice });
  expect(report?.text).toContain('Globex');
  expect(report?.text).toContain('only: left');
  expect(report?.text).not.toContain('Initech');
  expect(report?.csv?.content).not.toContain('Initech');
});

describe('trouble, for whoever gets some of the changes', () => {
  const some: Audience = { to: ['some@example.com'], kinds: ['invited'], about: ['changes', 'trouble'] };
  const telling = { audiences: [everything, some], voice };
  const nights = nightsOf('.C.F');
  const of = (reports: readonly AddressedReport[], name: string) =>
    reports.find(({ recipients }) => recipients.some((one) => one.name === name))?.text;

  test('tells neither where the principal stands, nor the nights, nor holds', () => {
    const recovered = { ...aNight, recovered: true, releasedRunIds: [75], nights };
    const failed = {
      ...aRun(),
      source: 'organizations' as const,
      state: 'failed' as const,
      error: 'no answer',
      code: null,
      requests: 1,
      lastComplete: null,
      nights,
    };
    const recoveries = composeReports(recovered, { changes: [] }, telling);
    const failures = composeFailureReports(failed, telling);
    expect(of(recoveries, 'security@example.com')).toMatch(/124[^]*LAST[^]*Run 75/);
    expect(of(failures, 'security@example.com')).toContain('LAST');
    expect(of(recoveries, 'some@example.com')).toContain('is complete again');
    expect(of(recoveries, 'some@example.com')).not.toMatch(/124|LAST|Run 75/);
    expect(of(failures, 'some@example.com')).not.toContain('LAST');
  });

  test('offers no commands of a hold', () => {
    const held = { ...aRun(), reason: 'much is gone', firstRunId: 812 };
    const reports = composeHeldReports(held, [left], telling);
    expect(of(reports, 'security@example.com')).toContain('approve 812');
    expect(of(reports, 'some@example.com')).toContain('held until somebody decides');
    expect(of(reports, 'some@example.com')).not.toMatch(/approve|below/);
  });
});

describe('a digest', () => {
  const counted = [
    { ...left, count: 3 },
    { ...left, removed: ['DNS'], count: 2 },
    { ...invited, count: 5 },
  ];
  const digest = {
    from: lastNight,
    to: tonight,
    principals: [quietNights({ changes: counted })],
    inner: null,
  };

  test.each<[string, Omit<Audience, 'to'>, RegExp]>([
    ['whole', {}, /5 left, 5 invited/],
    ['by kind', { kinds: ['invited'] }, /complete; 5 invited/],
    ['by role', { roles: ['bill*'] }, /complete; 3 left\./],
    ['to nothing', { roles: ['nobody'] }, /no changes/],
  ])('counts the changes that its reader gets: %s', (_, route, told) => {
    const telling = { audiences: [{ ...everything, ...route, about: ['digest'] as const }], voice };
    const [report] = composeDigests(digest, telling);
    expect(report?.text).toMatch(told);
  });
});

describe('a quiet night', () => {
  const quiet: Audience = { to: ['proof@example.com'], about: ['changes', 'quiet'] };
  const narrow: Audience = { to: ['agency@example.com'], categories: ['invitation'], about: ['quiet'] };

  test('is told to those who ask for it, without a CSV', () => {
    const reports = composeReports(
      aNight,
      { changes: [] },
      { audiences: [everything, quiet, narrow], voice },
    );
    expect(deliveriesOf(reports)).toEqual(['quiet: proof@example.com', 'quiet: agency@example.com']);
    expect(reports.map(({ subject }) => subject)).toEqual([
      '[rollcall] ops-bot: nothing changed',
      '[rollcall] ops-bot: nothing changed of what you get',
    ]);
    expect(reports.map(({ csv }) => csv)).toEqual([null, null]);
    expect(reports[0]?.text).toContain('a member of 124 organizations');
    expect(reports[0]?.text).toContain('812');
    expect(reports[1]?.text).not.toContain('124');
  });

  test('costs nothing that nobody asks for', () => {
    expect(composeReports(aNight, { changes: [] }, { audiences, voice })).toEqual([]);
  });

  test('that trouble went before is told as a recovery to those whose trouble it is, and as quiet too', () => {
    const telling = { audiences: [everything, quiet], voice };
    expect(deliveriesOf(composeReports({ ...aNight, recovered: true }, { changes: [] }, telling))).toEqual([
      'recovery: security@example.com',
      'quiet: proof@example.com',
    ]);
  });
});

test('whoever gets the changes of an approved run gets no recovery besides, whatever the case of the address', () => {
  const telling = {
    audiences: [
      { to: ['Ops@example.com'], about: ['trouble'] as const },
      { to: ['ops@example.com'], about: ['changes'] as const },
      { to: ['on-call@example.com'], about: ['trouble', 'quiet'] as const, kinds: ['joined'] as const },
    ],
    voice,
  };
  const approved = { ...aNight, recovered: true, isApproved: true };
  expect(deliveriesOf(composeReports(approved, { changes: [left] }, telling))).toEqual([
    'recovery: on-call@example.com',
    'changes: Ops@example.com',
    'quiet: on-call@example.com',
  ]);
});
