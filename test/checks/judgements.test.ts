import { describe, expect, test } from 'vitest';
import { type PrincipalHistory } from '../../src/checks/history.ts';
import { judgeClock } from '../../src/checks/clock.ts';
import { judgeIdentity } from '../../src/checks/identity.ts';
import { judgeReports } from '../../src/checks/reports.ts';
import { judgeHeld, judgeRuns } from '../../src/checks/runs.ts';
import { checkConfiguration } from '../../src/checks/configuration.ts';
import { checkSchedule } from '../../src/checks/schedule.ts';
import { judgeWorkers } from '../../src/checks/workers.ts';
import { loadConfig } from '../../src/config.ts';
import { Secret } from '../../src/domain/secret.ts';
import { type SeenWorker } from '../../src/schedule/workers.ts';

const night = new Date('2026-08-14T02:00:00Z');

function aHistory(given: Partial<PrincipalHistory> = {}): PrincipalHistory {
  return {
    knownSince: new Date('2026-08-01T02:00:00Z'),
    retiredAt: null,
    lastComplete: { runId: 7, finishedAt: night, chain: '' },
    lastCompleteAt: night,
    missedRuns: 0,
    lastUserId: 'alice',
    held: null,
    ...given,
  };
}

function runsAt(now: string, history?: PrincipalHistory) {
  const schedule = { expression: '0 2 * * *', timezone: 'UTC' };
  return judgeRuns('ops-bot', history, { schedules: [{ schedule, since: night }], now: new Date(now) });
}

describe('runs', () => {
  test('are well while the newest slot has had its run, or may still get it', () => {
    expect(runsAt('2026-08-15T07:00:00Z', aHistory())).toMatchObject({
      state: 'ok',
      found: 'the last complete one is run 7, ended 2026-08-14 02:00 UTC',
    });
    expect(runsAt('2026-08-15T07:00:00Z')).toMatchObject({ state: 'ok' });
  });

  test('are missed once a slot is long over', () => {
    expect(runsAt('2026-08-15T09:00:00Z', aHistory())).toMatchObject({
      state: 'warn',
      found: 'the last complete one is run 7, ended 2026-08-14 02:00 UTC, 31 hours ago',
      remedy: expect.stringContaining('worker') as string,
    });
    expect(
      runsAt('2026-08-03T09:00:00Z', aHistory({ lastComplete: null, lastCompleteAt: null })),
    ).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('none complete since 2026-08-01 02:00 UTC') as string,
    });
  });

  test('that ended short since are told at once', () => {
    expect(runsAt('2026-08-14T03:00:00Z', aHistory({ missedRuns: 2 }))).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('2 runs since then stored nothing') as string,
    });
  });

  test('that ended in a time still to come are told, also of a principal without any complete one', () => {
    const ahead = { runId: 7, finishedAt: new Date('2027-08-14T02:00:00Z'), chain: '' };
    expect(runsAt('2026-08-14T03:00:00Z', aHistory({ lastComplete: ahead }))).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('365 days from now') as string,
    });
    const unknown = { knownSince: ahead.finishedAt, lastComplete: null, lastCompleteAt: null };
    expect(runsAt('2026-08-14T03:00:00Z', aHistory(unknown))).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('365 days from now') as string,
    });
  });

  test('that are held name the commands that decide them', () => {
    const held = { runId: 8, startedAt: night, reason: '20 of 60 organizations are gone' };
    expect(judgeHeld('ops-bot', aHistory({ held }))).toMatchObject({
      state: 'warn',
      found: 'run 8 of 2026-08-14 02:00 UTC waits for a decision: 20 of 60 organizations are gone',
      remedy: expect.stringMatching(/`rollcall approve 8`.*`rollcall reject 8`/) as string,
    });
    expect(judgeHeld('ops-bot', aHistory())).toBeNull();
  });
});

describe('the clock', () => {
  const noon = Date.parse('2026-08-14T12:00:00Z');

  test.each([0, 100, -100])('is right where it is %d seconds from the database’s', (seconds) => {
    const now = new Date(noon + seconds * 1000);
    expect(judgeClock({ nowMs: noon }, now)).toMatchObject({ state: 'ok', remedy: null });
  });

  test.each([
    [365 * 86_400, '365 days ahead of'],
    [3 * 3600, '3 hours ahead of'],
    [-86_400, '1 day behind'],
    [-180, '3 minutes behind'],
  ])('is told where it is %d seconds from the database’s', (seconds, told) => {
    const now = new Date(noon + seconds * 1000);
    expect(judgeClock({ nowMs: noon }, now)).toMatchObject({
      state: 'warn',
      found: expect.stringContaining(told) as string,
      remedy: expect.stringContaining('NTP') as string,
    });
  });
});

describe('identity', () => {
  const judge = (...rest: [Parameters<typeof judgeIdentity>[1], Parameters<typeof judgeIdentity>[2]]) =>
    judgeIdentity('ops-bot', ...rest).state;

  test('is the same, is new, is another', () => {
    expect(judge({ id: 'alice' }, { id: 'alice' })).toBe('ok');
    expect(judge({ id: 'alice' }, { id: null })).toBe('ok');
    expect(judge({ id: 'bob' }, { id: 'alice' })).toBe('fail');
  });

  test('that cannot be told, or not be compared, is a warning', () => {
    expect(judge('withheld', { id: 'alice' })).toBe('warn');
    expect(judge('unknown', { id: 'alice' })).toBe('warn');
    expect(judge({ id: 'bob' }, 'unknown')).toBe('warn');
  });
});

describe('the schedule', () => {
  test('is told in its zone and in UTC, over a change of clocks too', () => {
    const schedule = { expression: '30 0 * * *', timezone: 'Europe/Madrid' };
    expect(checkSchedule(schedule, new Date('2026-10-23T22:00:00Z')).found).toBe(
      '"30 0 * * *" in Europe/Madrid; next 2026-10-24 00:30 (2026-10-23 22:30 UTC), ' +
        '2026-10-25 00:30 (2026-10-24 22:30 UTC), 2026-10-26 00:30 (2026-10-25 23:30 UTC)',
    );
  });

  test('in UTC is told once, and one that never comes is a failure', () => {
    const inUtc = { expression: '0 2 1 * *', timezone: 'UTC' };
    expect(checkSchedule(inUtc, night).found).toBe(
      '"0 2 1 * *" in UTC; next 2026-09-01 02:00 UTC, 2026-10-01 02:00 UTC, 2026-11-01 02:00 UTC',
    );
    expect(checkSchedule({ ...inUtc, expression: '0 2 30 2 *' }, night).state).toBe('fail');
  });
});

test('mail that is owed or was not delivered is a warning that says how much', () => {
  expect(judgeReports({ owed: 0, undelivered: 0 })).toMatchObject({ state: 'ok' });
  expect(judgeReports({ owed: 2, undelivered: 1 })).toMatchObject({
    state: 'warn',
    found: '2 owed, which the next run or the worker sends; 1 not delivered in the last 30 days',
  });
});

describe('the configuration', () => {
  const aPrincipal = (name: string) => ({
    name,
    credentials: { kind: 'token' as const, token: new Secret('t0ken') },
    source: 'organizations' as const,
    pingUrl: null,
  });

  test('is counted, each recipient once, and its sources are named', () => {
    const audiences = [{ to: ['a@example.com', 'b@example.com'] }, { to: ['A@example.com'] }];
    const config = { ...loadConfig({}, '/nowhere'), principals: [aPrincipal('ops-bot')], audiences };
    const sources = { files: ['rollcall.yaml'], variables: ['SMTP_URL_FILE'] };
    expect(checkConfiguration(config, sources)).toMatchObject({
      state: 'ok',
      found: '1 principal, 2 recipients; read rollcall.yaml, set SMTP_URL_FILE',
    });
  });

  test('in which nobody hears of a principal is a warning', () => {
    const audiences = [{ to: ['a@example.com'], principals: ['ops-bot'] }];
    const principals = [aPrincipal('ops-bot'), aPrincipal('legacy')];
    const sources = { files: [], variables: [] };
    expect(checkConfiguration({ principals, audiences }, sources)).toMatchObject({
      state: 'warn',
      found: expect.stringMatching(/nobody gets reports about legacy$/) as string,
    });
  });
});

describe('workers', () => {
  const here = { version: '1.2.0', configuration: 'abc' };

  function aWorker(given: Partial<SeenWorker> = {}): SeenWorker {
    const schedule = { expression: '0 2 * * *', timezone: 'UTC' };
    const times = { startedAt: night, seenAt: night, isLive: true };
    return { name: 'host:1:a', ...here, schedule, ...times, ...given };
  }

  test('that live and are as this command is are well', () => {
    const check = judgeWorkers([aWorker(), aWorker({ name: 'host:2:b' })], 0, here);
    expect(check).toMatchObject({ state: 'ok', remedy: null });
    expect(check.found).toMatch(/^2 workers, .*host:1:a \(1\.2\.0\), host:2:b/);
  });

  test.each([
    ['of another version', { version: '1.1.0' }, /host:2:b \(1\.1\.0\); their versions differ/],
    ['of another configuration', { configuration: 'abd' }, /configured otherwise .*: host:2:b$/],
  ])('of which one is %s are told', (_what, given, found) => {
    const check = judgeWorkers([aWorker(), aWorker({ name: 'host:2:b', ...given })], 0, here);
    expect(check).toMatchObject({ state: 'warn', found: expect.stringMatching(found) as string });
  });

  test('that are gone are told with when they were last seen, whatever their version', () => {
    const gone = aWorker({ isLive: false, version: '0.9.0' });
    expect(judgeWorkers([gone], 0, here)).toMatchObject({
      state: 'warn',
      found: 'none runs; the last was seen 2026-08-14 02:00 UTC (host:1:a, version 0.9.0)',
      remedy: expect.stringContaining('rollcall worker') as string,
    });
    expect(judgeWorkers([aWorker(), gone], 0, here)).toMatchObject({ state: 'ok' });
  });

  test('that nobody ever saw are needed, unless something else starts the nights', () => {
    expect(judgeWorkers([], 1, here)).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('none was ever seen') as string,
    });
    expect(judgeWorkers([], 5, here)).toMatchObject({
      state: 'ok',
      found: expect.stringContaining('5 of the last 7') as string,
    });
  });
});
