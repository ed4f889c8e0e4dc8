import { createClient, type ClientOptions } from '../../src/cloudflare/http/client.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { type Context } from '../../src/context.ts';
import { type Database } from '../../src/database/database.ts';
import { createOutboxMailer } from '../../src/deliver/outbox.ts';
import { openWebhooks } from '../../src/deliver/webhook/webhooks.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createLog } from '../../src/log.ts';
import { type Queue } from '../../src/queue/queue.ts';
import { type Simulator } from '../../src/simulator/server.ts';

export interface Surroundings {
  db: Database;
  queue: Queue;
  simulator: Simulator;
  /** Default: the first instant of 2026, and a minute more at each look. */
  now?: () => Date;
  config?: Partial<Config>;
  /** How patient the client is. Default: hardly at all. */
  client?: Partial<ClientOptions>;
}

/** What a run needs, with real parts: the simulator over HTTP, the test's database. No mail is sent by a run itself. */
export function aContext({ db, queue, simulator, now = aClock(), config, client }: Surroundings): Context {
  const principals = simulator.world.principals.map(({ name, apiToken }) => ({
    name,
    source: client?.source ?? 'organizations',
    credentials: { kind: 'token' as const, token: new Secret(apiToken) },
    pingUrl: null,
  }));
  return {
    config: {
      ...loadConfig({}, '/nowhere'),
      cloudflareBaseUrl: simulator.url,
      principals,
      audiences: [{ to: ['security@example.com'] }],
      ...config,
    },
    db,
    databaseDescription: 'the database of the tests',
    mailer: createOutboxMailer({ folder: '/nowhere' }),
    webhooks: noWebhooks,
    queue,
    log: createLog({ level: 'silent', forPeople: false }),
    now,
    worker: 'test:1:worker',
    signal: new AbortController().signal,
    connect: ({ name, source, credentials }, signal) =>
      createClient({
        principal: name,
        source,
        credentials,
        baseUrl: simulator.url,
        signal,
        timeoutMs: 5_000,
        retries: 2,
        backoffMs: 1,
        rereadPausesMs: [1, 1],
        ...client,
      }),
  };
}

/** None are configured. */
export const noWebhooks = openWebhooks({
  webhooks: [],
  findWay: () => {
    throw new Error('no webhook is configured');
  },
  now: () => new Date(0),
});

/** A clock that goes a minute at each look, from the first instant of 2026 on. */
export function aClock(start = Date.UTC(2026, 0, 1)): () => Date {
  let time = start;
  return () => new Date((time += 60_000));
}
