import { beforeEach, describe, expect, it } from 'vitest';
import { digestJob } from '../../jobs/digest.ts';
import { snapshotJob } from '../../jobs/snapshot.ts';
import { watchdogJob } from '../../jobs/watchdog.ts';
import { type Context } from '../../src/context.ts';
import { reports } from '../../src/database/schema.ts';
import { createMetrics } from '../../src/health/metrics.ts';
import { listRuns } from '../../src/history/runs.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { drainDigest } from '../../src/pipeline/digest.ts';
import { restorePrincipal, retirePrincipal } from '../../src/pipeline/principals.ts';
import { runWhenFree } from '../../src/pipeline/when-free.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { describeRollCall, isWell, toJson } from '../../src/terminal/run-results.ts';
import { workOff } from '../jobs/working.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

let simulator: Simulator;
let now: Date;
let context: Context;

/** Both have had their night; then legacy is retired. */
beforeEach(async () => {
  simulator = await startedSimulator({ organizations: 2, principals: ['legacy', 'ops-bot'] });
  context = aContext({ db: database.db, queue: database.queue, simulator, now: () => now });
  now = new Date('2026-08-14T02:00:00Z');
  for (const principal of context.config.principals) {
    await runPrincipal(context, { principal, trigger: 'schedule', slot: now });
  }
  now = new Date('2026-08-14T12:00:00Z');
  await retirePrincipal(context, 'legacy');
});

function byHand() {
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  return { principal, trigger: 'manual' as const, slot: null };
}

async function namesThatRan(): Promise<string[]> {
  return (await listRuns(database.db, { limit: 9 })).map(({ principal }) => principal).toReversed();
}

describe('of a principal that is retired', () => {
  it('no run is begun, nothing is asked of Cloudflare, and it is told with the way back', async () => {
    const asked = simulator.requests.length;
    const result = await runWhenFree(90, () => undefined)(context, byHand());
    const call = { principal: 'legacy', ...result };

    expect(result).toEqual({ outcome: 'retired', since: now });
    expect(await namesThatRan()).toEqual(['legacy', 'ops-bot']);
    expect(simulator.requests).toHaveLength(asked);
    expect(isWell(call)).toBe(false);
    expect(describeRollCall(call, false)).toEqual([
      expect.stringMatching(/^legacy: retired since 2026-08-14T12:00.*rollcall principals restore legacy$/),
    ]);
    expect(toJson([call], [], false).runs).toEqual([
      { principal: 'legacy', state: 'retired', retired_at: now },
    ]);
  });

  it('the job of the night is done at once, and does not come again', async () => {
    now = new Date('2026-08-15T02:00:00Z');
    await snapshotJob.clock?.tick(context, now);

    expect(await workOff(context)).toEqual(['done', 'done']);
    expect(await namesThatRan()).toEqual(['legacy', 'ops-bot', 'ops-bot']);
    expect(await workOff(context)).toEqual([]);
  });

  it('no slot is missed', async () => {
    now = new Date('2026-08-15T03:00:00Z');
    await watchdogJob.clock?.tick(context, now);

    expect(await workOff(context)).toEqual(['done']);
    expect(await namesThatRan()).toEqual(['legacy', 'ops-bot', 'ops-bot']);
  });

  it('no silence is reported', async () => {
    now = new Date('2026-08-17T07:00:00Z');
    await watchdogJob.clock?.tick({ ...context, config: { ...context.config, digest: null } }, now);

    const told = (await database.db.select().from(reports)).map(({ kind, principalId }) => [
      kind,
      principalId,
    ]);
    expect(told).toEqual([
      ['baseline', 1],
      ['baseline', 2],
      ['failure', 2],
    ]);
  });

  it('the digest tells nothing', async () => {
    now = new Date('2026-08-17T08:00:00Z');
    await digestJob.clock?.tick(context, now);
    await drainDigest(context);

    const digest = (await database.db.select().from(reports)).find(({ kind }) => kind === 'digest');
    expect(digest?.text).toContain('ops-bot');
    expect(digest?.text).not.toContain('legacy');
  });

  it('the metrics tell nothing', async () => {
    const principals = context.config.principals.map(({ name }) => name);
    const exposition = await createMetrics(database.db, { principals, now: () => now }).scrape();

    expect(exposition).toContain('principal="ops-bot"');
    expect(exposition).not.toContain('legacy');
  });

  it('the history goes on once it is restored', async () => {
    await restorePrincipal(context, 'legacy');

    expect(await runPrincipal(context, byHand())).toMatchObject({
      outcome: 'complete',
      snapshot: { baseline: { runId: 1 } },
    });
  });
});
