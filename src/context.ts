import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Client, createClient } from './cloudflare/http/client.ts';
import { findWay } from './cloudflare/http/way.ts';
import { type Config } from './config.ts';
import { systemNow } from './context/clock.ts';
import { followDatabaseClock } from './context/database-clock.ts';
import { openCurrent, openDatabase, type OpenHistory } from './context/database.ts';
import { logDeadRun } from './context/dead-runs.ts';
import { watchDatabase } from './context/neighbour.ts';
import { type Migrated, openMigrated } from './context/migrate.ts';
import { type PrincipalConfig } from './config/principals.ts';
import { followSecretsOf } from './config/secrets.ts';
import { type OpenDatabase } from './database/database.ts';
import { explainMissingRight, isAwayDatabaseError } from './database/explain.ts';
import { type Mailer } from './deliver/mailer.ts';
import { createOutboxMailer } from './deliver/outbox.ts';
import { openSmtpMailer } from './deliver/smtp/current-mailer.ts';
import { createSmtpMailer } from './deliver/smtp/smtp-mailer.ts';
import { openWebhooks, type Webhooks } from './deliver/webhook/webhooks.ts';
import { describeError } from './domain/errors.ts';
import { createLog, type Log } from './log.ts';
import { openQueue } from './queue/pg-boss.ts';
import { type Queue } from './queue/queue.ts';
import { abandonAllRuns } from './schedule/claim.ts';
import { clientOptionsOf } from './context/client-options.ts';

/** What the work needs from outside: opened once, handed down, closed once. What only reads needs {@link OpenHistory} alone. */
export interface Context extends OpenHistory {
  config: Config;
  mailer: Mailer;
  webhooks: Webhooks;
  /** What waits to be done, by this process or another. */
  queue: Queue;
  log: Log;
  now: () => Date;
  /** Names this process in the runs it claims. */
  worker: string;
  /** Ends what is in hand when the process is told to stop. */
  signal: AbortSignal;
  /** A client of its own for each run, so that it can be counted and ended by itself. */
  connect(principal: PrincipalConfig, signal: AbortSignal): Client;
}

/** What to open, and what to use in place of this machine's clock and log. */
export interface OpenOptions {
  config: Config;
  /** Default: never. */
  signal?: AbortSignal;
  /** Default: this machine's clock, or the database's where they differ. */
  now?: () => Date;
  /** Told how far a principal's requests are, for people who wait. Default: nobody is told. */
  onRequest?: (principal: string, requests: number) => void;
  /** Default: made from the configuration, on standard error. */
  log?: Log;
  /** Whether this process looks after the queue, as a worker does. Default: no. */
  supervise?: boolean;
  /**
   * Lets the database be brought to this version, and is told when that was needed. When left out, the
   * database has to be of this version.
   */
  onMigrated?: (migrated: Migrated, log: Log) => void;
}

/** Opens what the configuration names, does `work`, and closes all of it whatever happens. Throws as {@link openCurrent} does. */
export async function withContext<T>(
  options: OpenOptions,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const { config } = options;
  const log =
    options.log ??
    createLog({ level: config.logLevel, forPeople: process.stderr.isTTY, secrets: followSecretsOf(config) });
  await using parts = new AsyncDisposableStack();
  const open = options.onMigrated === undefined ? openCurrent : openDatabase;
  const database = parts.adopt(await open(config, watchDatabase(log, systemNow)), (part) => part.close());
  const now = options.now ?? (await keepTime(database, log, parts));
  const queue = parts.adopt(await openItsQueue(database, options, { log, now }), (part) => part.close());
  if (database.exclusive) await takeOver(database, queue, { log, now });
  const mailer = parts.adopt(openMailer(config), (part) => part.close());
  const findWayThere = (address: URL) => findWay(address, config.proxies);
  const webhooks = parts.adopt(
    openWebhooks({ webhooks: config.webhooks, findWay: findWayThere, now }),
    (part) => part.close(),
  );
  return await work({
    config,
    db: database.db,
    databaseDescription: database.description,
    mailer,
    webhooks,
    queue,
    log,
    now,
    worker: `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`,
    signal: options.signal ?? new AbortController().signal,
    connect: (principal, signal) =>
      createClient({
        ...clientOptionsOf(principal, config),
        signal,
        onRequest: (requests) => options.onRequest?.(principal.name, requests),
      }),
  });
}

/** How often this machine's clock is held against the database's. */
const compareEveryMs = 60_000;

/** The time of whoever shares the database. An embedded one has no clock but this machine's. */
async function keepTime(
  { db, exclusive }: OpenDatabase,
  log: Log,
  parts: AsyncDisposableStack,
): Promise<() => Date> {
  if (exclusive) return systemNow;
  const clock = followDatabaseClock({ db, log, system: systemNow });
  await clock.compare();
  const timer = setInterval(() => void clock.compare(), compareEveryMs).unref();
  parts.defer(() => clearInterval(timer));
  return () => clock.now();
}

async function openItsQueue(
  database: OpenDatabase,
  { supervise = false, onMigrated }: OpenOptions,
  { log, now }: Pick<Context, 'log' | 'now'>,
): Promise<Queue> {
  const onError = warnOnceAMinute(log, now);
  try {
    if (onMigrated === undefined) return await openQueue(database, { supervise, onError, install: false });
    const { queue, migrated } = await openMigrated(database, { supervise, onError });
    if (migrated.applied.length > 0) onMigrated(migrated, log);
    return queue;
  } catch (error) {
    throw explainMissingRight(error, database.description);
  }
}

/** Logs what the queue meets in the background; the same again once a minute. */
function warnOnceAMinute(log: Log, now: () => Date): (error: unknown) => void {
  const warnedAt = new Map<string, number>();
  return (error) => {
    // Who looks after the database has told it.
    if (isAwayDatabaseError(error)) return;
    const text = describeError(error);
    const nowMs = now().getTime();
    if (nowMs - (warnedAt.get(text) ?? 0) < 60_000) return;
    warnedAt.set(text, nowMs);
    log.warn({ error: text }, 'queue failed');
  };
}

/** Nobody else can be at work in a database that one process has to itself: what is under way there is dead. */
async function takeOver(
  { db }: OpenDatabase,
  queue: Queue,
  { log, now }: Pick<Context, 'log' | 'now'>,
): Promise<void> {
  for (const dead of await abandonAllRuns(db, now())) {
    logDeadRun(log, dead);
  }
  await queue.takeBackAll();
}

function openMailer(config: Config): Mailer {
  return config.smtpUrl === null
    ? createOutboxMailer({ folder: config.outboxFolder })
    : openSmtpMailer(config.smtpUrl, (url) => createSmtpMailer({ url, mailFrom: config.mailFrom }));
}
