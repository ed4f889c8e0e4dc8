import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { type Database, queryRows } from '../database/database.ts';
import { memberships, principals, runs } from '../database/schema.ts';
import { type RunSource } from '../domain/run.ts';
import { type Episode, type Interval, type Observed, tellStory } from '../domain/story.ts';
import { listChanges } from './changes.ts';
import { listGaps } from './gaps.ts';
import { membershipOf } from './members.ts';

/** Whose stories to tell, and where. */
export interface StoryFilter {
  /** In each of these. */
  organizationIds: readonly string[];
  /** Default: all that have been in one of them. */
  principal?: string;
}

/** What happened to one principal in one organization. */
export interface Story {
  principal: string;
  organizationId: string;
  /** The last one known; `null` when the API never gave one. */
  organizationName: string | null;
  /** The principal's first complete run, and its newest. */
  observed: Observed;
  episodes: readonly Episode[];
}

/** The story of each principal that has been in one of the organizations, by its name and the organization's id. */
export async function readStories(db: Database, filter: StoryFilter, now: Date): Promise<Story[]> {
  return db.transaction((tx) => readWithin(tx, filter, now), {
    isolationLevel: 'repeatable read',
    accessMode: 'read only',
  });
}

async function readWithin(tx: Database, filter: StoryFilter, now: Date): Promise<Story[]> {
  const found = await readIntervals(tx, filter);
  const principals = [...new Set(found.map(({ principal }) => principal))];
  const observed = await readObserved(tx, principals);
  const changes = await listChanges(tx, filter);
  const gaps = await listGaps(tx, { principals }, now);
  return found.flatMap(({ principal, organizationId, intervals }) => {
    const seen = observed.get(principal);
    if (seen === undefined) return [];
    const episodes = tellStory({
      observed: seen,
      intervals,
      changes: changes.filter((one) => one.principal === principal && one.organizationId === organizationId),
      gaps: gaps.filter((one) => one.principal === principal),
    });
    const organizationName = findLastName(intervals);
    return { principal, organizationId, organizationName, observed: seen, episodes };
  });
}

function findLastName(intervals: readonly Interval[]): string | null {
  const named = intervals.findLast(({ membership }) => membership?.organizationName != null);
  return named?.membership?.organizationName ?? null;
}

/** The intervals of one principal in one organization, oldest first. */
interface Intervals {
  principal: string;
  organizationId: string;
  intervals: Interval[];
}

async function readIntervals(
  db: Database,
  { organizationIds, principal }: StoryFilter,
): Promise<Intervals[]> {
  const baseline = alias(runs, 'baseline');
  const rows = await db
    .select({
      principal: principals.name,
      interval: memberships,
      source: runs.source,
      baselineSource: baseline.source,
    })
    .from(memberships)
    .innerJoin(principals, eq(principals.id, memberships.principalId))
    .innerJoin(runs, eq(runs.id, memberships.firstRunId))
    .leftJoin(baseline, eq(baseline.id, runs.baselineRunId))
    .where(
      and(
        inArray(memberships.organizationId, [...organizationIds]),
        principal === undefined ? undefined : eq(principals.name, principal),
      ),
    )
    .orderBy(asc(principals.name), asc(memberships.organizationId), asc(memberships.validFrom));
  const found: Intervals[] = [];
  for (const { principal: name, ...row } of rows) {
    const { organizationId } = row.interval;
    const last = found.at(-1);
    const isNext = last?.principal === name && last.organizationId === organizationId;
    if (isNext) last.intervals.push(intervalOf(row));
    else found.push({ principal: name, organizationId, intervals: [intervalOf(row)] });
  }
  return found;
}

/** An interval as it is stored, with the source of its first run and of the complete run before that. */
interface StoredInterval {
  interval: typeof memberships.$inferSelect;
  source: RunSource;
  baselineSource: RunSource | null;
}

function intervalOf({ interval, source, baselineSource }: StoredInterval): Interval {
  const { validFrom: from, validTo: to, firstRunId, endedRunId } = interval;
  const isOtherSource = baselineSource !== null && baselineSource !== source;
  return { membership: membershipOf(interval), from, to, firstRunId, endedRunId, source, isOtherSource };
}

/** The first and the newest complete run of these principals, by name; one that has none is left out. */
async function readObserved(db: Database, names: readonly string[]): Promise<Map<string, Observed>> {
  const endOf = (order: 'asc' | 'desc') => sql`(
    select id, finished_at from rollcall.runs
    where principal_id = principal.id and state = 'complete' order by id ${sql.raw(order)} limit 1
  )`;
  const rows = await queryRows<
    Record<'firstId' | 'firstMs' | 'newestId' | 'newestMs', number> & { name: string }
  >(
    db,
    sql`
      select
        name, first.id::float8 as "firstId", newest.id::float8 as "newestId",
        (extract(epoch from first.finished_at) * 1000)::float8 as "firstMs",
        (extract(epoch from newest.finished_at) * 1000)::float8 as "newestMs"
      from rollcall.principals as principal
      cross join lateral ${endOf('asc')} as first
      cross join lateral ${endOf('desc')} as newest
      where name in (select jsonb_array_elements_text(${JSON.stringify(names)}::jsonb))`,
  );
  return new Map(
    rows.map(({ name, firstId, firstMs, newestId, newestMs }) => [
      name,
      {
        first: { runId: firstId, at: new Date(firstMs) },
        newest: { runId: newestId, at: new Date(newestMs) },
      },
    ]),
  );
}
