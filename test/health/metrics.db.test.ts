import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { changeKinds } from '../../src/domain/change.ts';
import { families } from '../../src/health/families.ts';
import { createMetrics, type MetricsOptions } from '../../src/health/metrics.ts';
import { probeDatabase } from '../../src/health/probe.ts';
import { startHealthServer } from '../../src/health/server.ts';
import { endRunShort } from '../../src/schedule/claim.ts';
import { supersedeHeldRuns } from '../../src/snapshot/supersede.ts';
import { owe } from '../deliver/owed.ts';
import { tellStory } from '../history/story.ts';
import { databaseKind, useDatabase } from '../support/database.ts';
import {
  acme,
  aMembership,
  claim,
  evidence,
  globex,
  holdNight,
  night,
  store,
  takeNight,
} from '../support/nights.ts';
import { ask, hasProgram } from '../support/programs.ts';
import { parseExposition, type Sample, typesIn } from './exposition.ts';

const database = useDatabase();

const everybody = ['ops-bot', 'legacy', 'new-bot'];

async function scrape(given: Partial<MetricsOptions> = {}): Promise<Sample[]> {
  return parseExposition(await scrapeText(given));
}

function scrapeText(given: Partial<MetricsOptions> = {}): Promise<string> {
  return createMetrics(database.db, { principals: everybody, now: () => night(6), ...given }).scrape();
}

/** The values of one metric that are not zero, by the values of its labels. */
function valuesOf(samples: readonly Sample[], name: string): Record<string, number> {
  return Object.fromEntries(
    samples
      .filter((sample) => sample.name === name && sample.value !== 0)
      .map(({ labels, value }) => [Object.values(labels).join(' '), value]),
  );
}

const failure = { state: 'failed', error: 'no answer', evidence: { ...evidence, retries: 2 } } as const;

function minutesAfter(date: Date, minutes: number): Date {
  return new Date(date.getTime() + minutes * 60_000);
}

test('what is counted is what history holds', async () => {
  await tellStory(database.db);
  const samples = await scrape();

  expect(valuesOf(samples, 'rollcall_runs_total')).toEqual({ 'legacy complete': 1, 'ops-bot complete': 5 });
  expect(valuesOf(samples, 'rollcall_memberships')).toEqual({ 'legacy invited': 1, 'ops-bot member': 1 });
  expect(valuesOf(samples, 'rollcall_changes_total')).toEqual({
    'ops-bot invited': 1,
    'ops-bot invitation_accepted': 1,
    'ops-bot left': 2,
    'ops-bot joined': 1,
  });
  expect(valuesOf(samples, 'rollcall_requests_total')).toEqual({ legacy: 3, 'ops-bot': 15 });
  expect(valuesOf(samples, 'rollcall_retries_total')).toEqual({});
});

test('memberships of a status that this version does not know, or of none, are other', async () => {
  await takeNight(database.db, [
    aMembership({ organizationId: acme, status: 'suspended' }),
    aMembership({ organizationId: globex, status: null }),
  ]);

  expect(valuesOf(await scrape(), 'rollcall_memberships')).toEqual({ 'ops-bot other': 2 });
});

test('runs count in the state in which they ended, however they ended', async () => {
  for (const state of ['failed', 'failed', 'incomplete', 'timed_out'] as const) {
    await endRunShort(database.db, await claim(database.db), { ...failure, state, now: night(1) });
  }
  await takeNight(database.db, []);

  const samples = await scrape();
  expect(valuesOf(samples, 'rollcall_runs_total')).toEqual({
    'ops-bot failed': 2,
    'ops-bot incomplete': 1,
    'ops-bot timed_out': 1,
    'ops-bot complete': 1,
  });
  expect(valuesOf(samples, 'rollcall_retries_total')).toEqual({ 'ops-bot': 8 });
});

test('what did not happen yet is there as zero, so that its first time is an increase', async () => {
  await takeNight(database.db, []);
  const samples = await scrape();
  const labelsOf = (name: string) =>
    samples.filter((sample) => sample.name === name).map(({ labels }) => Object.values(labels).join(' '));

  expect(labelsOf('rollcall_runs_total')).toEqual([
    'ops-bot complete',
    'ops-bot incomplete',
    'ops-bot failed',
    'ops-bot timed_out',
    'ops-bot rejected',
    'ops-bot superseded',
  ]);
  expect(labelsOf('rollcall_changes_total')).toHaveLength(changeKinds.length);
  expect(labelsOf('rollcall_memberships')).toHaveLength(3);
  expect(labelsOf('rollcall_deliveries')).toEqual(['pending', 'sent', 'failed', 'unknown']);
  expect(labelsOf('rollcall_runs_running')).toEqual(['']);
});

test('a run under way counts as running, and as nothing else until it ends', async () => {
  const run = await claim(database.db, { at: night(1) });
  const during = await scrape();
  await store(database.db, run, { memberships: [] });
  const after = await scrape();

  expect(valuesOf(during, 'rollcall_runs_running')).toEqual({ '': 1 });
  expect(valuesOf(during, 'rollcall_runs_total')).toEqual({});
  expect(during.map(({ name }) => name)).not.toContain('rollcall_run_duration_seconds');
  expect(valuesOf(after, 'rollcall_runs_running')).toEqual({});
  expect(valuesOf(after, 'rollcall_runs_total')).toEqual({ 'ops-bot complete': 1 });
});

test('a held run is no part of the counter until it is decided, so that the counter never falls', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  await holdNight(database.db, [], { at: night(2) });
  const during = await scrape();
  const later = await takeNight(database.db, [aMembership()], { at: night(3) });
  await database.db.transaction((tx) => supersedeHeldRuns(tx, later.run));
  const after = await scrape();

  expect(valuesOf(during, 'rollcall_runs_held')).toEqual({ 'ops-bot': 1 });
  expect(valuesOf(during, 'rollcall_runs_total')).toEqual({ 'ops-bot complete': 1 });
  expect(valuesOf(after, 'rollcall_runs_held')).toEqual({});
  expect(valuesOf(after, 'rollcall_runs_total')).toEqual({ 'ops-bot complete': 2, 'ops-bot superseded': 1 });
});

test('the duration is that of the newest run that ended, in seconds', async () => {
  const first = await claim(database.db, { at: night(1) });
  await store(database.db, first, { memberships: [], at: minutesAfter(night(1), 5) });
  const second = await claim(database.db, { at: night(2) });
  await endRunShort(database.db, second, { ...failure, now: minutesAfter(night(2), 1.5) });
  await claim(database.db, { at: night(3) });

  expect(valuesOf(await scrape(), 'rollcall_run_duration_seconds')).toEqual({ 'ops-bot': 90 });
});

test('a principal was last complete when its newest complete run ended, whatever failed since', async () => {
  await takeNight(database.db, [], { at: night(1) });
  await takeNight(database.db, [], { at: night(2) });
  await endRunShort(database.db, await claim(database.db, { at: night(3) }), { ...failure, now: night(3) });

  const samples = await scrape();
  expect(valuesOf(samples, 'rollcall_last_complete_run_timestamp_seconds')).toEqual({
    'ops-bot': night(2).getTime() / 1000,
  });
  expect(valuesOf(samples, 'rollcall_last_complete_run_ahead_seconds')).toEqual({});
});

test('one without any complete run says since when it is known, and of no complete one', async () => {
  await endRunShort(database.db, await claim(database.db, { at: night(1) }), { ...failure, now: night(4) });

  const samples = await scrape();
  expect(samples.map(({ name }) => name)).not.toContain('rollcall_last_complete_run_timestamp_seconds');
  expect(valuesOf(samples, 'rollcall_principal_known_timestamp_seconds')).toEqual({
    'ops-bot': night(1).getTime() / 1000,
  });
});

test.each([3600, -3600])(
  'a machine whose clock is %d seconds ahead of the database says so',
  async (seconds) => {
    const samples = await scrape({ now: () => new Date(Date.now() + seconds * 1000) });

    const ahead = valuesOf(samples, 'rollcall_clock_ahead_seconds')[''] ?? 0;
    expect(Math.abs(ahead - seconds)).toBeLessThan(60);
  },
);

test('a principal that is no longer configured is left out', async () => {
  await takeNight(database.db, [], { principal: 'legacy' });
  await takeNight(database.db, [], { principal: 'ops-bot' });

  const named = (await scrape({ principals: ['ops-bot'] })).flatMap(
    ({ labels }) => labels['principal'] ?? [],
  );
  expect(new Set(named)).toEqual(new Set(['ops-bot']));
});

test('deliveries stand by their state', async () => {
  await owe(database, { recipients: ['a@example.com', 'b@example.com', 'c@example.com'] });
  await database.db.execute(
    sql`update rollcall.deliveries set state = 'sent', sent_at = now() where recipient = 'a@example.com'`,
  );
  await database.db.execute(
    sql`update rollcall.deliveries set state = 'unknown' where recipient = 'b@example.com'`,
  );

  expect(valuesOf(await scrape(), 'rollcall_deliveries')).toEqual({ sent: 1, unknown: 1, pending: 1 });
});

const hostileNames = [
  'quoted "bot"',
  'back\\slash',
  'ends in a backslash\\',
  'new\nline',
  'carriage\rreturn',
  '"} 1\nrollcall_runs_total{principal="forged"} 666\n#',
  'x,state:complete',
  '__proto__',
  'Ωmega 🦉',
  '',
];

test('no name of a principal breaks the format, or passes for another', async () => {
  for (const principal of hostileNames) await takeNight(database.db, [aMembership()], { principal });

  const samples = await scrape({ principals: hostileNames });
  expect(samples.filter(({ name }) => name === 'rollcall_runs_held').map(({ labels }) => labels)).toEqual(
    expect.arrayContaining(hostileNames.map((principal) => ({ principal }))),
  );
  for (const principal of hostileNames) {
    expect(samples).toContainEqual({
      name: 'rollcall_runs_total',
      labels: { principal, state: 'complete' },
      value: 1,
    });
  }
  expect(samples.filter(({ value }) => value === 666)).toEqual([]);
  const series = samples.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels)]));
  expect(new Set(series).size).toBe(series.length);
});

test('the names are those that are documented, each with its type, and those of the process', async () => {
  await tellStory(database.db);
  const text = await scrapeText();

  const found = Object.entries(typesIn(text));
  const isOurs = ([name]: [string, string]) => name.startsWith('rollcall_');
  expect(found.filter(isOurs)).toEqual([
    ['rollcall_build_info', 'gauge'],
    ['rollcall_runs_running', 'gauge'],
    ['rollcall_runs_held', 'gauge'],
    ['rollcall_runs_total', 'counter'],
    ['rollcall_run_duration_seconds', 'gauge'],
    ['rollcall_last_complete_run_timestamp_seconds', 'gauge'],
    ['rollcall_principal_known_timestamp_seconds', 'gauge'],
    ['rollcall_last_complete_run_ahead_seconds', 'gauge'],
    ['rollcall_clock_ahead_seconds', 'gauge'],
    ['rollcall_memberships', 'gauge'],
    ['rollcall_changes_total', 'counter'],
    ['rollcall_requests_total', 'counter'],
    ['rollcall_retries_total', 'counter'],
    ['rollcall_deliveries', 'gauge'],
  ]);
  for (const [name] of found) expect(name).toMatch(/^(rollcall|process|nodejs)_/);
  const named = new Set(parseExposition(text).map(({ name }) => name.replace(/_(bucket|sum|count)$/, '')));
  for (const name of named) expect(found.map(([described]) => described)).toContain(name);
});

test('each sample has the labels of its metric and no others, and each metric says its unit', async () => {
  await tellStory(database.db);
  const samples = await scrape();

  for (const { name, labels, help } of families) {
    const found = samples.filter((sample) => sample.name === name);
    expect(found, name).not.toEqual([]);
    for (const sample of found) expect(Object.keys(sample.labels)).toEqual(labels);
    expect(help, name).toMatch(name.includes('seconds') ? /^Seconds / : /^(Number of |Always 1)/);
  }
});

test('only counters are called as such', async () => {
  for (const [name, type] of Object.entries(typesIn(await scrapeText()))) {
    if (type !== 'histogram') expect(name.endsWith('_total'), name).toBe(type === 'counter');
  }
});

test.skipIf(!hasProgram('promtool'))(
  'promtool has no word against them (skipped without promtool)',
  async () => {
    await tellStory(database.db);

    expect(ask('promtool', ['check', 'metrics'], await scrapeText())).toEqual({ status: 0, said: '' });
  },
);

test('the version is told', async () => {
  expect(valuesOf(await scrape(), 'rollcall_build_info')).toEqual({
    [manifest.version]: 1,
  });
});

test('the same is told again, by whichever worker, and two scrapes at once do not mix', async () => {
  await tellStory(database.db);
  const ofThisMachine = 'rollcall_clock_ahead_seconds';
  const ours = (samples: Sample[]) =>
    samples.filter(({ name }) => name.startsWith('rollcall_') && name !== ofThisMachine);
  const metrics = createMetrics(database.db, { principals: everybody, now: () => night(6) });

  const [first, second] = await Promise.all([metrics.scrape(), metrics.scrape()]);
  const ofAnother = await scrape();
  expect(ours(parseExposition(first))).toEqual(ours(ofAnother));
  expect(ours(parseExposition(second))).toEqual(ours(ofAnother));
});

test('they are served over HTTP, with the health of the database', async () => {
  await takeNight(database.db, []);
  const server = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    probe: () => probeDatabase(database.db),
    metrics: createMetrics(database.db, { principals: everybody, now: () => night(6) }),
    readiness: () => 'ready',
    stuckSince: () => null,
  });
  onTestFinished(() => server.close());

  const answer = await fetch(`${server.url}/metrics`);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(valuesOf(parseExposition(await answer.text()), 'rollcall_runs_total')).toEqual({
    'ops-bot complete': 1,
  });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test.skipIf(databaseKind() === 'pglite')('a query that hangs is given up by the database too', async () => {
  const another = await database.connectAgain();

  await another.transaction(async (tx) => {
    await tx.execute(sql`lock table rollcall.runs in access exclusive mode`);
    await expect(scrape({ timeoutMs: 50 })).rejects.toMatchObject({ cause: { code: '57014' } });
  });
  expect(await scrape({ timeoutMs: 5_000 })).not.toEqual([]);
});
