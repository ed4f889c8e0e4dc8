import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type ClientOptions } from '../../src/cloudflare/http/client.ts';
import { createPace } from '../../src/cloudflare/http/pace.ts';
import { memberships, reports } from '../../src/database/schema.ts';
import { byOrganizationId } from '../../src/domain/membership.ts';
import { type RunSource, runSources } from '../../src/domain/run.ts';
import { listChanges } from '../../src/history/changes.ts';
import { membershipOf } from '../../src/history/members.ts';
import { listRuns } from '../../src/history/runs.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { type Fault } from '../../src/simulator/faults.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aClock, aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';
import { endpointOf } from '../support/either-source.ts';
import { trueRoll } from '../support/true-roll.ts';

// Fifteen organizations, listed by either source, and a server that gives six on a page whatever is asked: pages of six, six and three. Nobody
// comes, goes or changes in any of these nights, so whatever the server says, nothing of the kind may be reported.

/** What a night comes to: the roll as it was and nothing to tell; no usable answer; no listing that adds up. */
type Outcome = 'quiet' | 'failed' | 'incomplete';
/** `GET /user` and the pages, with retries and further readings; `<12`: fewer, for what is under way counts too. */
type Requests = number | `<${number}`;
/** `-` where the fault cannot be. */
type OnPages = readonly [first: Requests | '-', middle: Requests, last: Requests];

/** Three tries for each request, three readings of each listing; no more than this patience may be spent. */
const patience = { retries: 2, backoffMs: 1, rereadPausesMs: [1, 1] };
const both = ['status', 'roles', 'permissions'];
const alone = ['policies', 'api_access_enabled', 'account.name', 'account.settings', 'account.managed_by'];
const allButIds = ['name', ...both, ...alone];

function answer(status: number, body: 'envelope' | 'html' | 'empty' = 'envelope'): Fault {
  return { kind: 'answer', status, body };
}
const challenge: Fault = {
  kind: 'answer',
  status: 403,
  body: 'html',
  headers: { 'cf-mitigated': 'challenge' },
};
const limited: Fault = { kind: 'answer', status: 429, headers: { 'retry-after': '300' } };

function without(result: unknown): Fault {
  return { kind: 'result', result };
}

function total(add: number): Fault {
  return { kind: 'total-count', add };
}

function repeat(of: 'same-page' | 'previous-page', replacing = false): Fault {
  return { kind: 'duplicate', of, replacing };
}

/** Says that pages have this size, whatever their size is. */
function echo(perPage: number): Fault {
  const rewrite = (json: unknown) => {
    const { result_info: info, ...rest } = json as { result_info: object };
    return { ...rest, result_info: { ...info, per_page: perPage } };
  };
  return { kind: 'rewrite', rewrite };
}

/** Gives the first row the account of the second: two memberships in one organization. */
const sameAccount: Fault = {
  kind: 'rewrite',
  rewrite: (json) => {
    const { result, ...rest } = json as { result: { account: unknown }[] };
    const [first, second, ...others] = result;
    return { ...rest, result: [{ ...first, account: second?.account }, second, ...others] };
  },
};

type OnOnePage = readonly [
  what: string,
  fault: Fault,
  once: Outcome,
  onceRequests: OnPages,
  ever: Outcome,
  everRequests: OnPages,
];

// prettier-ignore
const onOnePage: readonly OnOnePage[] = [
  // what                                     fault                                       once      requests       for ever      requests
  // asked again, up to three times
  ['503 with JSON',                           answer(503),                                'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  ['520 with HTML',                           answer(520, 'html'),                        'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  ['403 with a challenge',                    challenge,                                  'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  ['403 with HTML',                           answer(403, 'html'),                        'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  ['429 with retry-after',                    limited,                                    'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  ['HTML under 200',                          answer(200, 'html'),                        'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  ['success: false under 200',                { kind: 'failure-under-200' },              'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  ['204',                                     answer(204, 'empty'),                       'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  ['JSON cut off, of the length announced',   { kind: 'cut', length: 'half' },            'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  ['JSON cut off, shorter than announced',    { kind: 'cut', length: 'whole' },           'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  ['no headers ever',                         { kind: 'stall', at: 'headers' },           'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  ['a body that stalls',                      { kind: 'stall', at: 'body' },              'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  ['a reset before the headers',              { kind: 'reset', at: 'headers' },           'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  ['a reset inside the body',                 { kind: 'reset', at: 'body' },              'quiet',  [5, 5, 5],     'failed',     [4, 6, 6]],
  // final: not asked again
  ['401',                                     answer(401),                                'failed', [2, 4, 4],     'failed',     [2, 4, 4]],
  ['403',                                     answer(403),                                'failed', [2, 4, 4],     'failed',     [2, 4, 4]],
  ['404',                                     answer(404),                                'failed', [2, 4, 4],     'failed',     [2, 4, 4]],
  ['410',                                     answer(410),                                'failed', [2, 4, 4],     'failed',     [2, 4, 4]],
  // does not add up: the listing is read again, up to three times
  ['result: null',                            without(null),                              'quiet',  [5, 7, 7],     'incomplete', [4, 10, 10]],
  ['a result that is no array',               without({}),                                'quiet',  [5, 7, 7],     'incomplete', [4, 10, 10]],
  ['an empty page',                           without([]),                                'quiet',  [5, 7, 7],     'incomplete', [4, 10, 10]],
  ['rows without id',                         { kind: 'fields', omit: ['id'] },           'quiet',  [5, 7, 7],     'incomplete', [4, 10, 10]],
  ['one row without id',                      { kind: 'fields', omit: ['id'], rows: 1 },  'quiet',  [5, 7, 7],     'incomplete', [4, 10, 10]],
  ['no result_info',                          { kind: 'no-result-info' },                 'quiet',  [6, 7, 7],     'incomplete', [7, 10, 10]],
  ['no totals',                               { kind: 'no-result-info', only: 'totals' }, 'quiet',  [6, 7, 7],     'incomplete', [7, 10, 10]],
  ['total_count one too many',                total(1),                                   'quiet',  [7, 7, 7],     'incomplete', [10, 10, 10]],
  ['total_count one too few',                 total(-1),                                  'quiet',  [7, 7, 7],     'incomplete', [10, 10, 10]],
  ['total_count a million too many',          total(1_000_000),                           'quiet',  ['<12', 7, 7], 'incomplete', ['<24', 10, 10]],
  ['total_count without the last page',       total(-3),                                  'quiet',  [7, 7, 7],     'incomplete', [10, 10, 10]],
  ['a row twice, one too many',               repeat('same-page'),                        'quiet',  [5, 7, 7],     'incomplete', [4, 10, 10]],
  ['a row twice, in place of another',        repeat('same-page', true),                  'quiet',  [5, 7, 7],     'incomplete', [4, 10, 10]],
  ['the row before it, too',                  repeat('previous-page'),                    'quiet',  ['-', 7, 7],   'incomplete', ['-', 10, 10]],
  ['the row before it, in place of its last', repeat('previous-page', true),              'quiet',  ['-', 7, 7],   'incomplete', ['-', 10, 10]],
  ['rows shifted by one',                     { kind: 'shift', rows: 1 },                 'quiet',  [7, 7, 7],     'incomplete', [10, 10, 10]],
  ['rows shifted back by one',                { kind: 'shift', rows: -1 },                'quiet',  [5, 7, 7],     'incomplete', [4, 10, 10]],
  ['page one again, and it says so',          { kind: 'ignore-page', echo: 'first' },     'quiet',  ['-', 7, 7],   'incomplete', ['-', 10, 10]],
  ['page one again, under the page asked',    { kind: 'ignore-page', echo: 'asked' },     'quiet',  ['-', 7, 7],   'incomplete', ['-', 10, 10]],
  ['smaller pages',                           { kind: 'cap-per-page', most: 5 },          'quiet',  ['-', 7, 7],   'incomplete', ['-', 10, 10]],
  ['a page size that is none',                echo(0),                                    'quiet',  [5, 7, 7],     'incomplete', [4, 10, 10]],
];

// prettier-ignore
const onOnePageOfMemberships: readonly OnOnePage[] = [
  ['rows without account',                    { kind: 'fields', omit: ['account'] },              'quiet', [5, 7, 7], 'incomplete', [4, 10, 10]],
  ['one row without the id of its account',   { kind: 'fields', omit: ['account.id'], rows: 1 },  'quiet', [5, 7, 7], 'incomplete', [4, 10, 10]],
  ['account: null',                           { kind: 'fields', nullify: ['account'] },           'quiet', [5, 7, 7], 'incomplete', [4, 10, 10]],
  ['two memberships in one organization',     sameAccount,                                        'quiet', [7, 7, 7], 'incomplete', [10, 10, 10]],
];

const onOnePageOf: Readonly<Record<RunSource, readonly OnOnePage[]>> = {
  organizations: onOnePage,
  memberships: [...onOnePage, ...onOnePageOfMemberships],
};

type OnEveryPage = readonly [
  what: string,
  faults: readonly Fault[],
  once: Outcome,
  onceRequests: Requests,
  ever: Outcome,
  everRequests: Requests,
];

// prettier-ignore
const onEveryPage: readonly OnEveryPage[] = [
  // what                                  faults                                                                once: requests  for ever: requests
  ['page one again and again, saying so',  [{ kind: 'ignore-page', echo: 'first' }],                             'quiet', 7,     'incomplete', 10],
  ['page one again, under the page asked', [{ kind: 'ignore-page', echo: 'asked' }],                             'quiet', 7,     'incomplete', 10],
  ['the same without result_info',         [{ kind: 'ignore-page', echo: 'asked' }, { kind: 'no-result-info' }], 'quiet', 6,     'incomplete', 7],
  ['total_count one too many',             [total(1)],                                                           'quiet', 7,     'incomplete', 10],
  ['total_count a million too many',       [total(1_000_000)],                                                   'quiet', '<12', 'incomplete', '<24'],
  ['total_count one too few',              [total(-1)],                                                          'quiet', 7,     'incomplete', 10],
  ['total_count without the last page',    [total(-3)],                                                          'quiet', 7,     'incomplete', 10],
  ['total_count as if page one were all',  [total(-9)],                                                          'quiet', 6,     'incomplete', 7],
  ['total_count: 0',                       [total(-15)],                                                         'quiet', 5,     'incomplete', 4],
  ['another total_count on each page',     [{ kind: 'total-count', add: 1, drifting: true }],                    'quiet', 7,     'incomplete', 10],
  ['empty pages',                          [without([])],                                                        'quiet', 5,     'incomplete', 4],
  ['rows shifted by one',                  [{ kind: 'shift', rows: 1 }],                                         'quiet', 7,     'incomplete', 10],
  ['smaller pages than it says',           [{ kind: 'cap-per-page', most: 3 }, echo(50)],                        'quiet', 5,     'incomplete', 4],
  ['larger pages than there are',          [echo(100)],                                                          'quiet', 5,     'incomplete', 4],
  // proven all the same
  ['no result_info',                       [{ kind: 'no-result-info' }],                                         'quiet', 9,     'quiet',      9],
  ['no totals',                            [{ kind: 'no-result-info', only: 'totals' }],                         'quiet', 9,     'quiet',      9],
  ['smaller pages, and it says so',        [{ kind: 'cap-per-page', most: 5 }],                                  'quiet', 5,     'quiet',      5],
  ['count: 1',                             [{ kind: 'count', count: 1 }],                                        'quiet', 4,     'quiet',      4],
  ['rows of nothing but ids',            [{ kind: 'fields', omit: allButIds }],                                 'quiet', 4,     'quiet',      4],
];

const undisturbed = 4;

const places = ['first', 'middle', 'last'] as const;

const database = useDatabase();

describe.each(runSources)(
  '%s: one page goes wrong, once or for ever, and nobody is said to have left',
  (source) => {
    it.each(onOnePageOf[source])('%s', async (...[, fault, once, onceRequests, ever, everRequests]) => {
      const { simulator, expectNight } = await afterTheFirstNight(source, [fault]);
      for (const [index, place] of places.entries()) {
        const on = { path: endpointOf[source], page: index + 1 };
        const passing = simulator.faults.add({ on, fault });
        await expectNight(`once on the ${place} page`, once, onceRequests[index]);
        passing.remove();
        const lasting = simulator.faults.add({ on: { ...on, times: Infinity }, fault });
        await expectNight(`for ever on the ${place} page`, ever, everRequests[index]);
        lasting.remove();
      }
      await expectNight('the night after', 'quiet', undisturbed);
    });
  },
);

describe.each(runSources)(
  '%s: every page goes wrong, of one reading or for ever, and nobody is said to have left',
  (source) => {
    it.each(onEveryPage)('%s', async (...[, faults, once, onceRequests, ever, everRequests]) => {
      const { simulator, expectNight } = await afterTheFirstNight(source, faults);
      const begin = () => {
        const on = { path: endpointOf[source], times: Infinity };
        const added = faults.map((fault) => simulator.faults.add({ on, fault }));
        return () => added.forEach((fault) => fault.remove());
      };
      const endAfterReading = begin();
      let readings = 0;
      simulator.onRequest = ({ query }) => {
        if (query['page'] === '1') readings += 1;
        if (readings === 2) endAfterReading();
      };
      await expectNight('one reading', once, onceRequests);
      endAfterReading();
      const end = begin();
      await expectNight('every reading', ever, everRequests);
      end();
      await expectNight('the night after', 'quiet', undisturbed);
    });
  },
);

/** A world with a baseline, and what each further night, a day after the one before, is held against. */
async function afterTheFirstNight(source: RunSource, faults: readonly Fault[]) {
  const simulator = await startedSimulator({ organizations: 15 });
  const everyPage = { path: endpointOf[source], times: Infinity };
  simulator.faults.add({ on: everyPage, fault: { kind: 'cap-per-page', most: 6 } });
  const roll = trueRoll(simulator.world.principal(), source);
  const told: string[] = ['baseline'];
  let nights = 0;
  let now = aClock();
  const context = aContext({
    db: database.db,
    queue: database.queue,
    simulator,
    now: () => now(),
    client: { source, ...clientFor(faults) },
  });
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  const takeNight = async () => {
    now = aClock(Date.UTC(2026, 0, ++nights));
    await runPrincipal(context, { principal, trigger: 'manual', slot: null });
    return readHistory();
  };
  const expectNight = async (when: string, outcome: Outcome, requests: Requests | '-' | undefined) => {
    if (requests === '-' || requests === undefined) return;
    const arrivedBefore = simulator.requests.length;
    const { run, ...history } = await takeNight();
    expect(run.state, when).toBe(outcome === 'quiet' ? 'complete' : outcome);
    expectRequests(run.requests, requests, when);
    // One that was given up at once may never arrive.
    expect(simulator.requests.length - arrivedBefore, when).toBeLessThanOrEqual(run.requests);
    if (outcome !== 'quiet') told.push('failure');
    else if (told.at(-1) === 'failure') told.push('recovery');
    expect(history, when).toEqual({ roll, changes: [], told });
    await letStragglersArrive();
  };
  expect(await takeNight()).toMatchObject({ roll, told });
  return { simulator, expectNight };
}

/** Requests that were given up may still be on their way to the simulator, which shares this event loop. */
async function letStragglersArrive(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
}

/** Patience for everything, but none to spare for a server that stalls; the waits it asks for take no time. */
function clientFor(faults: readonly Fault[]): Partial<ClientOptions> {
  let time = 0;
  const wait = (waitMs: number) => {
    time += waitMs;
    return Promise.resolve();
  };
  const stalls = faults.some(({ kind }) => kind === 'stall');
  return {
    ...patience,
    timeoutMs: stalls ? 400 : 10_000,
    pace: createPace({ now: () => time, wait }),
  };
}

function expectRequests(taken: number, expected: Requests, when: string): void {
  if (typeof expected === 'number') expect(taken, when).toBe(expected);
  else expect(taken, when).toBeLessThan(Number(expected.slice(1)));
}

/** The newest run, every membership that was ever stored, every change, and what was told, in order. */
async function readHistory() {
  const { db } = database;
  const [run] = await listRuns(db, { limit: 1 });
  if (run === undefined) throw new Error('expected a run');
  const stored = await db.select().from(memberships);
  const told = await db.select().from(reports).orderBy(reports.id);
  return {
    run,
    roll: stored.map(membershipOf).sort(byOrganizationId),
    changes: await listChanges(db, {}),
    told: told.map(({ kind }) => kind),
  };
}
