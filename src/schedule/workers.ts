import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type Schedule } from './slots.ts';

/** A process that runs jobs, as it presents itself. */
export interface WorkerIdentity {
  /** Host, process id and a nonce. */
  name: string;
  version: string;
  /** A hash of its configuration. */
  configuration: string;
  schedule: Schedule;
}

/** Milliseconds after which a worker that was not seen is taken for gone; while it lives it is seen every minute. */
export const goneAfterMs = 5 * 60_000;

/**
 * Those that nobody needs to know of any more: gone for ninety days; or for a day, where the one that began before them had
 * the same schedule, which tells as much. One that is started again every quarter of a minute does not fill the table so.
 */
const dispensable = sql`
  select name from (
    select
      name, seen_at,
      schedule = lag(schedule) over earlier and timezone = lag(timezone) over earlier as is_repeated
    from rollcall.workers window earlier as (order by started_at, name)
  ) as worker
  where seen_at < now() - interval '90 days' or (is_repeated and seen_at < now() - interval '1 day')`;

/** Says that the worker lives, by the database's clock; the first time, that it is there. */
export async function seeWorker(
  db: Database,
  { name, version, configuration, schedule: { expression, timezone } }: WorkerIdentity,
): Promise<void> {
  await db.execute(sql`
    with forgotten as (
      delete from rollcall.workers where name in (${dispensable}) and name <> ${name}
    )
    insert into rollcall.workers (name, version, configuration, schedule, timezone)
    values (${name}, ${version}, ${configuration}, ${expression}, ${timezone})
    on conflict (name) do update set seen_at = now(), ended_at = null`);
}

/** Says that the worker ends. */
export async function dismissWorker(db: Database, name: string): Promise<void> {
  await db.execute(sql`
    update rollcall.workers set seen_at = now(), ended_at = greatest(now(), started_at) where name = ${name}`);
}

/** A worker that was seen, and when, by the database's clock. */
export interface SeenWorker extends WorkerIdentity {
  startedAt: Date;
  seenAt: Date;
  /** Whether it runs: it did not say that it ends, and was seen in the last minutes. */
  isLive: boolean;
}

/** Every worker that is remembered, the one seen last first. */
export async function listWorkers(db: Database): Promise<SeenWorker[]> {
  type Row = Record<'name' | 'version' | 'configuration' | 'schedule' | 'timezone', string>;
  const found = await queryRows<Row & { startedMs: number; seenMs: number; isLive: boolean }>(
    db,
    sql`
      select
        name, version, configuration, schedule, timezone,
        (extract(epoch from started_at) * 1000)::float8 as "startedMs",
        (extract(epoch from seen_at) * 1000)::float8 as "seenMs",
        ended_at is null and seen_at > now() - make_interval(secs => ${goneAfterMs / 1000}) as "isLive"
      from rollcall.workers order by seen_at desc, name`,
  );
  return found.map(({ schedule: expression, timezone, startedMs, seenMs, ...worker }) => ({
    ...worker,
    schedule: { expression, timezone },
    startedAt: new Date(startedMs),
    seenAt: new Date(seenMs),
  }));
}
