import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ageHeartbeats, letBackoffPass } from '../support/clock.ts';
import { startRollcall, scratchFolder } from '../support/command-line.ts';
import { lookInto } from '../support/database-environment.ts';
import { deploy, halfADayAway } from '../support/deployment.ts';
import { areOnlyTheDeadLeft, countComplete, writeFleetConfig } from '../support/fleet.ts';
import { type Database } from '../../src/database/database.ts';
import { listRuns } from '../../src/history/runs.ts';

/** For as many as `npm run bench:fleet` has: FLEET_PRINCIPALS=500. */
const principals = Number(process.env['FLEET_PRINCIPALS'] ?? 200);
const organizations = 50;
/** What two workers can have in hand when they are killed: four principals each. */
const inHandAtMost = 8;

it(
  `four workers, two of them killed on the way, run each of ${principals} principals once for the slot`,
  { timeout: 240_000 },
  async ({ signal }) => {
    const { simulator, variables, database } = await deploy({ world: { principals, organizations } });
    const { CLOUDFLARE_API_TOKEN: _, ...others } = variables;
    const fleet = {
      ...others,
      ...halfADayAway,
      ROLLCALL_CONFIG: writeFleetConfig(scratchFolder(), simulator.world),
    };
    const workers = [1, 2, 3, 4].map(() => startRollcall(['worker'], fleet));
    // Nobody reads what they say, and a full pipe would stop them.
    for (const { stdout, stderr } of workers) [stdout, stderr].forEach((stream) => stream.resume());

    await lookInto(database, async (db) => {
      await until(signal, async () => (await countComplete(db)) >= 60);
      for (const worker of workers.slice(0, 2)) worker.kill('SIGKILL');
      await until(signal, () => areOnlyTheDeadLeft(db));
      // A minute without a sign of life, and a quarter of one to wait for the next try.
      await ageHeartbeats(db);
      await until(signal, async () => (await countComplete(db)) === principals || letBackoffPass(db));
      for (const worker of workers.slice(2)) worker.kill('SIGTERM');
      await Promise.all(workers.slice(2).map((worker) => once(worker, 'exit')));
      await expectEachOnce(db);
    });
    expect(workers.slice(2).map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  },
);

async function expectEachOnce(db: Database): Promise<void> {
  const runs = await listRuns(db, { limit: 2 * principals });
  const complete = runs.filter(({ state }) => state === 'complete');
  const others = runs.filter(({ state }) => state !== 'complete');
  expect(complete).toHaveLength(principals);
  expect(new Set(complete.map(({ principal }) => principal)).size).toBe(principals);
  expect(new Set(complete.map(({ slot }) => slot?.getTime())).size).toBe(1);
  expect(complete.every(({ organizations: count }) => count === organizations)).toBe(true);
  expect(new Set(complete.map(({ worker }) => worker)).size).toBe(4);
  expect(others.length).toBeLessThanOrEqual(inHandAtMost);
  for (const run of others) {
    expect(run).toMatchObject({ state: 'failed', abandoned: true });
    expect(run.error).toMatch(/^Its process .* died in the middle of the run/);
  }
  console.log(`fleet: ${runs.length} runs for ${principals} principals, ${others.length} of them taken over`);
}

/** Looks, a few times a second, until it is so or the test is over. */
async function until(signal: AbortSignal, isSo: () => Promise<unknown>): Promise<void> {
  while (!(await isSo())) await setTimeout(200, undefined, { signal });
}
