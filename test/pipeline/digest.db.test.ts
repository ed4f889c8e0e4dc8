import { beforeEach, describe, expect, it } from 'vitest';
import { digestJob } from '../../jobs/digest.ts';
import { drainDigest } from '../../src/pipeline/digest.ts';
import { type AudienceConfig } from '../../src/config/audiences.ts';
import { type Context } from '../../src/context.ts';
import { deliveries, reports } from '../../src/database/schema.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { type RunTrigger } from '../../src/domain/run.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

let simulator: Simulator;
let now: Date;
let context: Context;
beforeEach(async () => {
  simulator = await startedSimulator({ organizations: 3, principals: 2 });
  context = aContext({ db: database.db, queue: database.queue, simulator, now: () => now });
  for (const principal of simulator.world.principals)
    for (const { id, status } of principal.memberships) if (status === 'invited') principal.remove(id);
});

/** Night `day` of August 2026, in which the principals of these positions are run. */
async function night(day: number, positions = [0, 1], trigger: RunTrigger = 'schedule'): Promise<void> {
  const slot = new Date(Date.UTC(2026, 7, day, 2));
  now = new Date(slot.getTime() + (trigger === 'manual' ? 3_600_000 : 0));
  for (const position of positions) {
    const principal = context.config.principals[position];
    if (principal === undefined) throw new Error('expected a principal');
    await runPrincipal(context, { principal, trigger, slot: trigger === 'manual' ? null : slot });
  }
}

/** Monday the 17th, when the digest is due. */
const monday = new Date('2026-08-17T08:00:00Z');

/** Ticks and works as a worker does, and returns the digests made so far. */
async function digest(at = monday) {
  now = at;
  await digestJob.clock?.tick(context, at);
  await drainDigest(context);
  return database.db.select().from(reports);
}

function audiences(given: AudienceConfig[]): void {
  context.config.audiences = given;
}

const week = [10, 11, 12, 13, 14, 15, 16, 17];

describe('the weekly digest', () => {
  it('counts the nights that were complete, failed or missed, the changes by kind, and what stands', async () => {
    audiences([{ to: ['security@example.com'], principals: [context.config.principals[0]?.name ?? ''] }]);
    const principal = simulator.world.principal();
    await night(9, [0]);
    for (const day of [11, 12, 13]) await night(day, [0]);
    principal.put();
    principal.put({ status: 'invited' });
    await night(14, [0]);
    principal.tokenMay.list = false;
    await night(15, [0]);
    principal.tokenMay.list = true;
    await night(17, [0]);

    const made = (await digest()).filter(({ kind }) => kind === 'digest');
    expect(made).toMatchObject([
      {
        runId: null,
        slot: monday,
        subject: expect.stringContaining('digest: 1 night failed, 1 night missed') as string,
      },
    ]);
    const text = made[0]?.text ?? '';
    expect(text).toContain('5 of 7 nights complete, 1 failed, 1 passed without a run; 1 joined, 1 invited.');
    expect(text).toMatch(/ {22}\.M\.{3}CFM\. +\d +1 +\d +\d+ d +17 Aug/);
    expect(text).toMatch(/Chain head +[0-9a-f]{64}/);
    expect(text).toContain('Mon 10 Aug 2026, 08:00 to Mon 17 Aug 2026, 08:00');
  });

  it('is sent also when nothing happened', async () => {
    for (const day of week) await night(day);
    const made = (await digest()).filter(({ kind }) => kind === 'digest');

    expect(made).toMatchObject([{ subject: '[rollcall] digest: nothing needs you' }]);
    expect(made[0]?.text).toContain('14 of 14 nights complete; no changes.');
    const owed = await database.db.select().from(deliveries);
    expect(owed.filter(({ reportId }) => reportId === made[0]?.id)).toHaveLength(1);
  });

  it('counts a night that was run by hand, as from cron without a worker', async () => {
    for (const day of week) await night(day, [0, 1], 'manual');
    const made = await digest();

    expect(made.at(-1)?.text).toContain('14 of 14 nights complete; no changes.');
  });

  it('is made once for its time, however many workers tick and however often', async () => {
    await night(16);
    await digest();
    await digest();
    now = new Date('2026-08-17T20:00:00Z');
    await digest(now);

    const made = await digest();
    expect(made.filter(({ kind }) => kind === 'digest')).toHaveLength(1);
  });

  it('tells each reader of the principals and changes that are theirs, and alike readers the same mail', async () => {
    const [first, second] = context.config.principals.map(({ name }) => name);
    audiences([
      { to: ['all@example.com', 'ALSO@example.com'] },
      {
        to: ['agency@example.com'],
        principals: [second ?? ''],
        categories: ['invitation'],
        about: ['digest'],
      },
      { to: ['role@example.com'], roles: ['hero*'], about: ['digest', 'changes'] },
      { to: ['outsider@example.com'], categories: ['invitation'] },
    ]);
    await night(15);
    simulator.world.principal(second).put();
    simulator.world.principal(second).put({ status: 'invited' });
    simulator.world.principal(first).put({ roles: ['Heroes'] });
    await night(16);
    const made = (await digest()).filter(({ kind }) => kind === 'digest');
    const owed = await database.db.select().from(deliveries);
    const readers = made.map(({ id, text }) => ({
      to: owed.filter(({ reportId }) => reportId === id).map(({ recipient }) => recipient),
      changes: /run; (.*)\.$/m.exec(text)?.[1],
      tellsOfFirst: text.includes(`${first ?? ''} `),
    }));

    expect(readers.toSorted((left, right) => (left.to[0] ?? '').localeCompare(right.to[0] ?? ''))).toEqual([
      { to: ['agency@example.com'], changes: '1 invited', tellsOfFirst: false },
      { to: ['all@example.com', 'ALSO@example.com'], changes: '2 joined, 1 invited', tellsOfFirst: true },
      { to: ['role@example.com'], changes: '1 joined', tellsOfFirst: true },
    ]);
  });

  it('does not tell of a time before rollcall knew anybody', async () => {
    context.config.digest = { expression: '0 2 * * 1', timezone: 'UTC' };
    await night(17, [0, 1], 'manual');

    expect((await digest()).filter(({ kind }) => kind === 'digest')).toEqual([]);
  });

  it('is never due when it is turned off', async () => {
    context.config.digest = null;
    await night(16);

    expect((await digest()).filter(({ kind }) => kind === 'digest')).toEqual([]);
  });
});
