import { sql } from 'drizzle-orm';
import { type Database, type OpenDatabase, queryRows } from '../database/database.ts';
import { type Check, countOf, fail, ok, warn } from './check.ts';
import { failure } from './failure.ts';
import { lookOnly } from './read-only.ts';
import { type Server } from './server.ts';

const subject = { check: 'queue' } as const;

/** Minutes that a run may wait in the queue for a worker before somebody should ask why. */
const patienceMinutes = 60;

/** Whether the queue is there, and whether anybody takes from it. Installs nothing. */
export async function checkQueue({ db }: OpenDatabase, { mayMakeQueue }: Server): Promise<Check> {
  try {
    const waiting = await lookOnly(db, readWaiting);
    if (waiting !== null) return judgeWaiting(waiting);
    return mayMakeQueue
      ? ok(subject, 'not installed yet: the next `rollcall run` or the worker does so, or `rollcall migrate`')
      : fail(
          subject,
          'not installed yet, which this user may not do',
          'Let the user in DATABASE_URL make schemas in the database, or have the schema pgboss made for it.',
        );
  } catch (error) {
    const remedy = 'See that the user in DATABASE_URL may read the schema pgboss.';
    return failure(subject, error, remedy);
  }
}

/** What there is to say where no database is made yet. */
export function checkQueueToCome(): Check {
  return ok(subject, 'to be installed when the database is made');
}

interface Waiting extends Record<string, unknown> {
  waiting: number;
  underWay: number;
  /** Runs that have been waiting for too long, and since when. */
  overdue: number;
  overdueSince: string | null;
}

/** `null` where there is no queue. */
async function readWaiting(tx: Database): Promise<Waiting | null> {
  const [table] = await queryRows<{ exists: boolean }>(
    tx,
    sql`select to_regclass('pgboss.job') is not null as exists`,
  );
  if (table?.exists !== true) return null;
  const [waiting] = await queryRows<Waiting>(tx, waitingQuery);
  return waiting ?? null;
}

const waitingQuery = sql`
  with waiting as (
    select state, start_after, name = 'snapshot' and start_after < now() - make_interval(mins => ${patienceMinutes}) as late
    from pgboss.job where state in ('created', 'retry')
  )
  select
    count(*)::int as waiting,
    (select count(*) from pgboss.job where state = 'active')::int as "underWay",
    (count(*) filter (where late))::int as overdue,
    to_char(min(start_after) filter (where late) at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as "overdueSince"
  from waiting`;

function judgeWaiting({ waiting, underWay, overdue, overdueSince }: Waiting): Check {
  const found = `installed; ${countOf(waiting, 'job')} waiting, ${underWay} under way`;
  if (overdueSince === null) return ok(subject, found);
  return warn(
    subject,
    `${found}; ${countOf(overdue, 'run')} of principals due since ${overdueSince} UTC and not taken`,
    'See that a worker is running.',
  );
}
