import { randomInt } from 'node:crypto';
import { sql, type SQL } from 'drizzle-orm';
import { fromDrizzle, type Job, PgBoss } from 'pg-boss';
import { type Database, type OpenDatabase, queryRows } from '../database/database.ts';
import { hasSchema } from '../database/migrate.ts';
import { RollcallError } from '../domain/errors.ts';
import { connectionOf } from './connection.ts';
import { drainQueue } from './drain.ts';
import { NotDone } from './not-done.ts';
import { type Handler, type Queue } from './queue.ts';
import { type QueueName, queueNames, queues } from './queues.ts';
import { lookAtQueueVersion } from './version.ts';

/** What this process does for the queue, and who is told of its troubles. */
export interface QueueOptions {
  /** Whether this process looks after the queue while it is open, as a worker does. Default: no. */
  supervise?: boolean;
  /** Whether it is installed or brought up to date first. Default: yes; else it has to be of this version. */
  install?: boolean;
  /** Told what goes wrong in the background, which may be no `Error`: again and again, while a database is away. */
  onError: (error: unknown) => void;
}

/** Seconds between two looks at the jobs of the dead. */
const superviseSeconds = 15;

/** Milliseconds between two signs of life for a job in hand. */
const heartbeatMs = 10_000;

/** How long workers leave what is set aside to the process that did so. */
const reserveSeconds = 60;

/**
 * Opens the queue that lives beside the tables, in the schema `pgboss`. Throws `configuration` where it may not be
 * installed and is not of this version.
 */
export async function openQueue(
  database: OpenDatabase,
  { supervise = false, install = true, onError }: QueueOptions,
): Promise<Queue> {
  if (!install) await requireCurrentQueue(database);
  const boss = new PgBoss({
    ...connectionOf(database),
    schedule: false,
    migrate: install,
    createSchema: !(await hasSchema(database.db, 'pgboss')),
    supervise,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    registerInstance: false,
    openTelemetry: { enabled: false },
  });
  boss.on('error', onError).on('warning', ({ message }) => onError(new Error(message)));
  try {
    await boss.start();
    for (const name of queueNames) await boss.createQueue(name, queues[name]);
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }
  return {
    async enqueue(tx, name, jobs) {
      const inserts = jobs.map(({ key, data }) => ({ singletonKey: key, data }));
      if (inserts.length > 0) await boss.insert(name, inserts, { db: fromDrizzle(executing(tx), sql) });
    },
    async work(name, atOnce, handle) {
      for (let worker = 0; worker < atOnce; worker += 1) await startWorker(boss, name, handle);
    },
    drain: (name, handle, signal) => drainQueue(boss, name, { handle, signal, heartbeatMs }),
    async reserve(tx, name, keys) {
      const priority = await setAside(boss, name, { tx, keys });
      return (handle, signal) => drainQueue(boss, name, { handle, signal, heartbeatMs, priority });
    },
    putOff: (name, keys, seconds) => putOff(boss, name, { keys, seconds }),
    takeBackFromTheDead: () => boss.supervise(),
    takeBackAll: () => takeBackAll(boss),
    close: (graceMs = 1000) => boss.stop({ timeout: graceMs }),
  };
}

async function requireCurrentQueue({ db, description }: OpenDatabase): Promise<void> {
  const version = await lookAtQueueVersion(db);
  if (version === 'current') return;
  const remedy =
    version === 'newer'
      ? 'a newer rollcall made it. Start that version'
      : '`rollcall migrate` brings the database to this version';
  throw new RollcallError(
    'configuration',
    `The queue in the ${description} is ${version}: ${remedy}; nothing was done.`,
  );
}

/** Gives jobs a priority that no other job has, so that they can be told from the rest, and returns it. */
async function setAside(
  boss: PgBoss,
  name: QueueName,
  { tx, keys }: { tx: Database; keys: readonly string[] },
): Promise<number> {
  const priority = randomInt(1, 2 ** 31 - 1);
  const db = fromDrizzle(executing(tx), sql);
  for (const singletonKey of keys) {
    await boss.update({ name, options: { singletonKey, priority, startAfter: reserveSeconds, db } });
  }
  return priority;
}

/** What the queue's adapter needs of Drizzle, the same over both drivers. */
function executing(tx: Database) {
  return { execute: (query: SQL) => queryRows(tx, query) };
}

/** Takes one job after the other: at once while there are some, every two seconds while there are none. */
async function startWorker(boss: PgBoss, name: QueueName, handle: Handler): Promise<void> {
  const options = { pollingIntervalSeconds: 2, heartbeatRefreshSeconds: heartbeatMs / 1000 };
  const id: string = await boss.work(name, options, async ([job]: Job[]) => {
    if (job === undefined) return;
    try {
      if ((await handle(job.data, job.signal)) === 'later') throw new NotDone();
    } finally {
      boss.notifyWorker(id);
    }
  });
}

async function putOff(
  boss: PgBoss,
  name: QueueName,
  { keys, seconds }: { keys: readonly string[]; seconds: number },
): Promise<number> {
  const { rows } = await boss.getDb().executeSql(
    `update pgboss.job set start_after = now() + $2::int * interval '1 second'
     where name = $1 and state in ('created', 'retry') and start_after < now() + $2::int * interval '1 second'
       and singleton_key in (select jsonb_array_elements_text($3::jsonb))
     returning id`,
    [name, seconds, JSON.stringify(keys)],
  );
  return rows.length;
}

async function takeBackAll(boss: PgBoss): Promise<void> {
  for (const name of queueNames) {
    const { rows } = await boss
      .getDb()
      .executeSql(`select id from pgboss.job where name = $1 and state = 'active'`, [name]);
    const ids = (rows as { id: string }[]).map(({ id }) => id);
    if (ids.length > 0) await boss.fail(name, ids, { message: 'Its process died.' });
  }
}
