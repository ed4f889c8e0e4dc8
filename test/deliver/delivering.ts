import { findWay } from '../../src/cloudflare/http/way.ts';
import { deliverAll } from '../../src/pipeline/deliver.ts';
import { loadConfig } from '../../src/config.ts';
import { type Context } from '../../src/context.ts';
import { type Attempt } from '../../src/deliver/attempt.ts';
import { type Mailer } from '../../src/deliver/mailer.ts';
import { openWebhooks } from '../../src/deliver/webhook/webhooks.ts';
import { noProxies } from '../../src/domain/proxies.ts';
import { type Webhook } from '../../src/domain/webhook.ts';
import { createLog } from '../../src/log.ts';
import { type TestDatabase } from '../support/database.ts';
import { night } from '../support/nights.ts';
import { mailFrom } from './owed.ts';

/** When deliveries are attempted, and what ends them. */
export interface Round {
  /** Default: the first night. */
  at?: Date;
  signal?: AbortSignal;
  /** Default: none. */
  webhooks?: readonly Webhook[];
}

/** What a delivery needs, and nothing of Cloudflare. */
export function deliveringContext(
  { db, queue }: Pick<TestDatabase, 'db' | 'queue'>,
  mailer: Mailer,
  { at = night(1), signal = new AbortController().signal, webhooks = [] }: Round = {},
): Context {
  return {
    config: {
      ...loadConfig({}, '/nowhere'),
      mailFrom,
      webhooks,
      command: 'docker compose exec "worker & co" rollcall',
    },
    db,
    queue,
    mailer,
    webhooks: openWebhooks({
      webhooks,
      findWay: (address) => findWay(address, noProxies),
      now: () => at,
      timeoutMs: 2_000,
    }),
    now: () => at,
    signal,
    databaseDescription: 'the database of the tests',
    log: createLog({ level: 'silent', forPeople: false }),
    worker: 'test:1:worker',
    connect: () => {
      throw new Error('no delivery asks Cloudflare');
    },
  };
}

/** Attempts all that is owed, each once, whatever its backoff. */
export function deliver(
  database: Pick<TestDatabase, 'db' | 'queue'>,
  mailer: Mailer,
  round?: Round,
): Promise<Attempt[]> {
  return deliverAll(deliveringContext(database, mailer, round));
}
