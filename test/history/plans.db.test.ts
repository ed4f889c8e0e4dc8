import { drizzle } from 'drizzle-orm/node-postgres';
import { sql } from 'drizzle-orm';
import pg from 'pg';
import { beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { type Database, queryRows } from '../../src/database/database.ts';
import * as schema from '../../src/database/schema.ts';
import { sealRows } from '../../src/database/seals.ts';
import { listOwed } from '../../src/deliver/owe.ts';
import { type ClaimedRun } from '../../src/domain/run.ts';
import { readFigures } from '../../src/history/figures.ts';
import { findRunsToCompare } from '../../src/history/compared-runs.ts';
import { listGaps } from '../../src/history/gaps.ts';
import { countUnsent } from '../../src/history/inner-matters.ts';
import { listLastNights } from '../../src/history/last-nights.ts';
import { listNightChanges } from '../../src/history/night-changes.ts';
import { listNights } from '../../src/history/nights.ts';
import { readStories } from '../../src/history/stories.ts';
import { findTrouble } from '../../src/history/trouble.ts';
import { enqueueMissedDigest } from '../../src/pipeline/digest.ts';
import { readLastNights } from '../../src/pipeline/last-nights.ts';
import { reportStale } from '../../src/pipeline/stale.ts';
import { abandonDeadRuns, listPrincipalsThatRan } from '../../src/schedule/claim.ts';
import { linkRecords } from '../../src/snapshot/link-records.ts';
import { deliveringContext } from '../deliver/delivering.ts';
import { createPostbox } from '../deliver/owed.ts';
import { databaseKind, useDatabase } from '../support/database.ts';
import { urlOf } from '../support/postgres-databases.ts';

const principals = 20;
const nights = 1000;

/** Two o'clock in the night of that number, from 0. */
const nightAt = (number: number) => new Date(Date.UTC(2023, 0, 1 + number, 2));

const names = Array.from({ length: principals }, (_, index) => `bot-${index + 1}`);

/**
 * Twenty principals over a thousand nights: one run, change and report for each, every tenth run failed, a thousand
 * memberships each.
 */
async function seed(db: Database): Promise<void> {
  const started = sql.raw(`timestamptz '${nightAt(0).toISOString()}' + make_interval(days => night)`);
  const newest = sql.raw(String((nights - 1) * principals));
  await db.execute(sql`
    insert into rollcall.principals (name, created_at)
    select 'bot-' || number, ${nightAt(0).toISOString()}::timestamptz from generate_series(1, ${principals}::int) as number`);
  await db.execute(sql`
    insert into rollcall.runs (
      id, principal_id, slot, trigger, state, started_at, finished_at, baseline_run_id,
      organizations, members, invited, changes, requests, retries, error, digest, digest_version, chain, seal, linked_by
    )
    overriding system value
    select
      night * ${principals} + principal, principal, ${started}, 'schedule',
      case when is_short then 'failed' else 'complete' end, ${started}, ${started} + interval '1 minute',
      case when night > 0 then (night - case when night % 10 = 6 then 2 else 1 end) * ${principals} + principal end,
      1000, 990, 7, 1, 3, night % 2, case when is_short then 'no answer' end,
      case when not is_short then 'd' end, case when not is_short then 2 end, case when not is_short then 'c' end,
      case when is_short then 's' end, case when is_short then ${newest} + principal end
    from generate_series(0, ${nights - 1}::int) as night, generate_series(1, ${principals}::int) as principal,
      lateral (select night % 10 = 5 as is_short) as kind`);
  await db.execute(sql`
    insert into rollcall.memberships (principal_id, organization_id, status, first_run_id, valid_from)
    select principal, number::text, 'member', principal, ${nightAt(0).toISOString()}::timestamptz
    from generate_series(1, ${principals}::int) as principal, generate_series(1, 1000) as number`);
  await db.execute(sql`
    insert into rollcall.changes (
      run_id, baseline_run_id, principal_id, organization_id, category, kind, not_before, not_after
    )
    select id, baseline_run_id, principal_id, 'one', 'membership', 'renamed', started_at, finished_at
    from rollcall.runs where state = 'complete' and baseline_run_id is not null`);
  await db.execute(sql`
    insert into rollcall.reports (run_id, principal_id, kind, subject, text, html, created_at, slot, linked_by)
    select
      id, principal_id, case when state = 'failed' then 'failure' else 'changes' end, '', '', '', finished_at, null,
      case when id <= ${newest} then ${newest} + principal_id end
    from rollcall.runs
    union all
    select null, null, 'digest', '', '', '', started_at, started_at, null
    from rollcall.runs where principal_id = 1 and id / ${principals} % 7 = 0`);
  await db.execute(sql`
    insert into rollcall.deliveries (report_id, recipient, message_id, state, sent_at, owed_since)
    select id, 'a@example.com', id::text, state, case when state = 'sent' then created_at end, created_at
    from rollcall.reports,
      lateral (select (array['pending', 'failed', 'unknown', 'sent'])[least(4, id % 1000 + 1)] as state) as delivery`);
}

const tables = 'runs|changes|memberships|reports|deliveries';

/** What a question reads whole, though it grows with history: the lines of PostgreSQL's plans, with the table's name. */
async function findScans(ask: (db: Database) => Promise<unknown>): Promise<string[]> {
  const [current] = await queryRows<{ name: string }>(database.db, sql`select current_database() as name`);
  const client = new pg.Pool({ connectionString: urlOf(inject('postgresUrl'), current?.name ?? ''), max: 2 });
  onTestFinished(() => client.end());
  const asked: { query: string; params: unknown[] }[] = [];
  const logger = { logQuery: (query: string, params: unknown[]) => void asked.push({ query, params }) };
  await ask(drizzle(client, { schema, casing: 'snake_case', logger }));
  const questions = asked.filter(({ query }) => new RegExp(`"?rollcall"?\\."?(?:${tables})`).test(query));
  expect(questions).not.toEqual([]);
  const found: string[] = [];
  for (const { query, params } of questions) {
    const { rows } = await client.query<Record<string, unknown>>(`explain ${query}`, params);
    const lines = rows.map((line) => String(line['QUERY PLAN']));
    found.push(...lines.filter((line) => new RegExp(`Seq Scan on (?:${tables})\\b`).test(line)));
  }
  return found;
}

const database = useDatabase();

const lastNight = nightAt(nights - 1);

function contextOf(db: Database) {
  const queue = { ...database.queue, enqueue: () => Promise.resolve() };
  const context = deliveringContext({ db, queue }, createPostbox(), { at: lastNight });
  const digest = { expression: '0 2 * * *', timezone: 'UTC' };
  const configured = names.slice(0, 2).map((name) => ({ ...aPrincipal, name }));
  return { ...context, config: { ...context.config, digest, principals: configured } };
}

const aPrincipal = {
  source: 'organizations' as const,
  credentials: { kind: 'token' as const, token: null as never },
  pingUrl: null,
};

const period = {
  from: nightAt(nights - 12),
  to: lastNight,
  slots: Array.from({ length: 11 }, (_, index) => nightAt(nights - 12 + index)),
  lastSlots: Array.from({ length: 30 }, (_, index) => nightAt(nights - 31 + index)),
};

const lastPeriod = { slots: period.lastSlots, to: period.to };

const newestRun: ClaimedRun = {
  id: (nights - 1) * principals + 1,
  principalId: 1,
  principal: 'bot-1',
  trigger: 'schedule',
  source: 'organizations',
  slot: lastNight,
  startedAt: lastNight,
};

const questions: Record<string, (db: Database) => Promise<unknown>> = {
  'a scrape of /metrics': (db) => readFigures(db, { principals: names, timeoutMs: 10_000 }),
  'the nights of a digest': (db) => listNights(db, names, period),
  'the last nights of all principals': (db) => listLastNights(db, names, lastPeriod),
  'what changed in the last nights': (db) => listNightChanges(db, names, lastPeriod),
  'the last nights of one principal': (db) =>
    readLastNights(db, 'bot-1', { config: contextOf(db).config, now: lastNight }),
  'what of a digest is of no principal': (db) => countUnsent(db, period),
  'whether a digest is due': (db) => enqueueMissedDigest(contextOf(db), lastNight),
  'the trouble of a principal': (db) => findTrouble(db, 1),
  'whether anybody is stale': (db) => reportStale(contextOf(db), lastNight),
  'the gaps of a principal': (db) => listGaps(db, { principals: names.slice(0, 1) }, lastNight),
  'the gaps of a month': (db) => listGaps(db, { since: nightAt(nights - 30) }, lastNight),
  'the story of an organization': (db) =>
    readStories(db, { organizationIds: ['7'], principal: 'bot-1' }, lastNight),
  'the runs to compare': (db) => findRunsToCompare(db, principals + 1, (nights - 1) * principals + 1),
  'runs whose process died': (db) => abandonDeadRuns(db, lastNight),
  'who had the slot': (db) => listPrincipalsThatRan(db, lastNight),
  'mail that is still to be sent': (db) => listOwed(db, lastNight),
  'what a night links': (db) => linkRecords(db, newestRun),
  'the seals of some runs': (db) => sealRows(db, 'runs', [101, 102]),
  'the seals of some reports': (db) => sealRows(db, 'reports', [101, 102]),
};

describe.runIf(databaseKind() === 'postgres')('over years of history', () => {
  beforeEach(async () => {
    await seed(database.db);
    await database.db.execute(sql.raw(`analyze`));
  });

  test('no question that is asked again and again reads all of it', async () => {
    for (const [what, ask] of Object.entries(questions)) expect(await findScans(ask), what).toEqual([]);
  });

  test('a question that does is found out', async () => {
    expect(await findScans((db) => db.execute(sql`select count(requests) from rollcall.runs`))).toHaveLength(
      1,
    );
  });

  test('what is told of it is what is there', async () => {
    const { principals: told, deliveries } = await readFigures(database.db, {
      principals: names,
      timeoutMs: 10_000,
    });
    expect(told).toHaveLength(principals);
    for (const figures of told) {
      expect(figures).toMatchObject({
        runs: { complete: 900, failed: 100, held: 0 },
        requests: 3000,
        retries: 500,
        changes: { renamed: 899 },
        memberships: { member: 990, invited: 7, other: 3 },
        lastCompleteAt: lastNight.getTime() / 1000 + 60,
      });
    }
    const standing = await queryRows<{ state: string; count: number }>(
      database.db,
      sql`select state, count(*)::int from rollcall.deliveries group by state`,
    );
    expect(deliveries).toEqual(Object.fromEntries(standing.map(({ state, count }) => [state, count])));
    const [first] = await listNights(database.db, names, period);
    expect(first).toMatchObject({ complete: 10, failed: 1, missed: 0, members: 990, invited: 7, other: 3 });
    expect(first?.nights).toHaveLength(30);
    expect(first?.nights.filter(({ state }) => state === 'failed')).toHaveLength(3);
  });
});
