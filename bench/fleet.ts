/**
 * How long one night of many principals takes 1, 2 and 4 workers on one PostgreSQL: 500 principals of 50 organizations,
 * at 50 ms latency. Reproduce with `npm run bench:fleet`, which takes two minutes.
 *
 * | workers | seconds | share of one worker |
 * | ---: | ---: | ---: |
 * | 1 | 41.9 | 1.00 |
 * | 2 | 21.8 | 0.52 |
 * | 4 | 12.4 | 0.30 |
 *
 * On two cores, which the workers share with PostgreSQL and the simulator. It is everybody's first night, in which each
 * listing is read twice: six requests one after the other, 300 ms of latency, and a worker has four principals in hand.
 * One worker and two wait for that latency most of the time; four are bound by the two cores. The time runs from the
 * first complete run to the last, and so leaves out the start of the processes. PostgreSQL does not sync to the disk.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openPostgres } from '../src/database/database.ts';
import { Secret } from '../src/domain/secret.ts';
import { createWorld } from '../src/simulator/world.ts';
import { countComplete, writeFleetConfig } from '../test/support/fleet.ts';
import { createDatabase, dropDatabase } from '../test/support/postgres-databases.ts';
import { startPostgresInstance } from '../test/support/postgres-instance.ts';

const principals = 500;
const organizations = 50;
const latencyMs = 50;
const entry = path.join(import.meta.dirname, '../src/cli.ts');

/** The simulator in a process of its own; the same seed makes the same credentials in every process. */
async function simulate(): Promise<{ url: string } & AsyncDisposable> {
  const options = { port: 0, principals, organizations, 'latency-ms': latencyMs };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [entry, 'simulate', ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const url = /CLOUDFLARE_BASE_URL=(\S+)/.exec(said.toString())?.[1];
  if (url === undefined) throw new Error('expected the simulator to say where it is');
  return { url, [Symbol.asyncDispose]: () => end([child]) };
}

type Child = ReturnType<typeof spawn>;

async function end(children: readonly Child[]): Promise<void> {
  const ended = children.map((child) => once(child, 'exit'));
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(ended);
}

/** Seconds from the first complete run to the last: the start of the processes is not in it. */
async function measure(
  workers: number,
  serverUrl: string,
  variables: Record<string, string>,
): Promise<number> {
  const url = await createDatabase(serverUrl);
  const database = await openPostgres(new Secret(url));
  const { db } = database;
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: url,
    ROLLCALL_HTTP: 'off',
    LOG_LEVEL: 'error',
    ...variables,
  };
  const children = Array.from({ length: workers }, () =>
    spawn(process.execPath, [entry, 'worker'], { cwd: variables['ROLLCALL_DATA_DIR'], env, stdio: 'ignore' }),
  );
  try {
    while ((await countComplete(db)) === 0) await setTimeout(20);
    const began = performance.now();
    while ((await countComplete(db)) < principals) await setTimeout(100);
    return (performance.now() - began) / 1000;
  } finally {
    await end(children);
    await database.close();
    await dropDatabase(serverUrl, url);
  }
}

const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-bench-'));
const server = await startPostgresInstance();
try {
  await using simulator = await simulate();
  const variables = {
    ROLLCALL_DATA_DIR: folder,
    ROLLCALL_CONFIG: writeFleetConfig(folder, createWorld({ principals, organizations })),
    CLOUDFLARE_BASE_URL: simulator.url,
  };
  console.log('| workers | seconds | share of one worker |\n| ---: | ---: | ---: |');
  let alone: number | null = null;
  for (const workers of [1, 2, 4]) {
    const seconds = await measure(workers, server.url, variables);
    alone ??= seconds;
    console.log(`| ${workers} | ${seconds.toFixed(1)} | ${(seconds / alone).toFixed(2)} |`);
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
