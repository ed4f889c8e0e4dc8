import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { principals, runs } from '../../src/database/schema.ts';
import { type RunTrigger } from '../../src/domain/run.ts';
import { listLastNights } from '../../src/history/last-nights.ts';
import { endRunShort } from '../../src/schedule/claim.ts';
import { rejectHeldRun, takeHeldRun } from '../../src/snapshot/held.ts';
import { useDatabase } from '../support/database.ts';
import {
  acme,
  aMembership,
  claim,
  evidence,
  globex,
  holdNight,
  night,
  takeNight,
} from '../support/nights.ts';

const database = useDatabase();

const atAcme = aMembership({ organizationId: acme });
const atGlobex = aMembership({ organizationId: globex, status: 'invited' });

const hourMs = 3_600_000;

/** The run of the slot of that day, or one by hand as many hours after it. */
function of(day: number, handHours: number | null = null) {
  const at = new Date(night(day).getTime() + (handHours ?? 0) * hourMs);
  return handHours === null ? { at, slot: night(day), trigger: 'schedule' as RunTrigger } : { at };
}

async function fail(day: number, handHours: number | null = null, abandoned = false): Promise<void> {
  const run = await claim(database.db, of(day, handHours));
  await endRunShort(database.db, run, {
    state: 'failed',
    error: 'no answer',
    evidence,
    now: run.startedAt,
    abandoned,
  });
}

/** Letters and sizes of the nights of the first to the sixth of August. */
async function told(names = ['ops-bot']) {
  const slots = [1, 2, 3, 4, 5, 6].map(night);
  const found = await listLastNights(database.db, names, { slots, to: night(7) });
  return [...found].map(([principal, nights]) => {
    expect(nights.map(({ due }) => due)).toEqual(slots);
    const letters = nights
      .map(({ state }) => (state === null ? ' ' : state === 'quiet' ? '.' : state.charAt(0)))
      .join('');
    return [principal, letters, nights.map(({ roll }) => roll)];
  });
}

async function known(day: number): Promise<void> {
  await database.db.update(principals).set({ createdAt: night(day) });
}

describe('what became of a night', () => {
  it('is quiet, with changes, failed, missed or held, and how large the roll was where it was seen', async () => {
    await takeNight(database.db, [atAcme], of(1));
    await takeNight(database.db, [atAcme, atGlobex], of(2));
    await fail(3);
    await holdNight(database.db, [], of(4));
    await takeNight(database.db, [atAcme, atGlobex], of(6));

    expect(await told()).toEqual([['ops-bot', '.cfhm.', [1, 2, null, null, null, 2]]]);
  });

  it('is nothing before the principal was first heard of, and while its run is under way', async () => {
    await takeNight(database.db, [atAcme], of(3));
    await known(3);
    await takeNight(database.db, [atAcme], of(4));
    await claim(database.db, of(6));

    expect(await told()).toEqual([['ops-bot', '  ..m ', [null, null, 1, 1, null, null]]]);
  });

  it('is that of a run by hand up to the next slot, and not of one before the first', async () => {
    await takeNight(database.db, [atAcme], of(1, -2));
    await takeNight(database.db, [atAcme], of(1, 23.9));
    await takeNight(database.db, [atAcme, atGlobex], of(3, 0));
    await fail(4, 5);

    expect(await told()).toEqual([['ops-bot', '.mcfmm', [1, null, 2, null, null, null]]]);
  });

  it('is complete when one of its runs is, whatever the others were; of two the later tells the size', async () => {
    await takeNight(database.db, [atAcme], of(1));
    await fail(2);
    await takeNight(database.db, [atAcme, atGlobex], of(2, 3));
    await takeNight(database.db, [atAcme], of(2, 6));
    await fail(2, 8);
    await fail(3, null, true);
    await holdNight(database.db, [], of(4));
    await fail(4, 2);

    expect(await told()).toEqual([['ops-bot', '.cfhmm', [1, 1, null, null, null, null]]]);
  });

  it('is held, be the run rejected or superseded since', async () => {
    await takeNight(database.db, [atAcme], of(1));
    const rejected = await holdNight(database.db, [], of(2));
    await database.db.transaction(async (tx) => rejectHeldRun(tx, await takeHeldRun(tx, rejected.id)));
    await holdNight(database.db, [], of(3));
    await holdNight(database.db, [], of(4));
    await takeNight(database.db, [atAcme], of(5));

    expect(await told()).toEqual([['ops-bot', '.hhh.m', [1, null, null, null, 1, null]]]);
  });

  it('is of a run under another schedule that came in it', async () => {
    for (const day of [1, 2, 3]) {
      const slot = new Date(night(day).getTime() + 4 * hourMs);
      await takeNight(database.db, [atAcme], { at: slot, slot, trigger: 'schedule' });
    }

    expect(await told()).toEqual([['ops-bot', '...mmm', [1, 1, 1, null, null, null]]]);
  });

  it('is found by the database’s clock where a run by hand began in a time that is still to come', async () => {
    const { run } = await takeNight(database.db, [atAcme], of(1, 0));
    await database.db
      .update(runs)
      .set({
        startedAt: sql`now() + interval '1 year'`,
        finishedAt: sql`now() + interval '1 year'`,
        heartbeatAt: night(4),
      })
      .where(eq(runs.id, run.id));
    await known(3);

    expect(await told()).toEqual([['ops-bot', '  m.mm', [null, null, null, 1, null, null]]]);
  });

  it('is of its own principal, and of nobody who was never heard of', async () => {
    await takeNight(database.db, [atAcme], of(1));
    await takeNight(database.db, [atAcme, atGlobex], { ...of(2), principal: 'legacy' });
    await known(1);

    expect(await told(['ops-bot', 'legacy', 'nobody'])).toEqual([
      ['ops-bot', '.mmmmm', [1, null, null, null, null, null]],
      ['legacy', 'm.mmmm', [null, 2, null, null, null, null]],
    ]);
  });
});

it('is asked for five hundred principals and thirty nights at once', async () => {
  await database.db.execute(sql`
    insert into rollcall.principals (name, created_at)
    select 'bot-' || number, ${night(-60).toISOString()}::timestamptz from generate_series(1, 500) as number`);
  await database.db.execute(sql`
    insert into rollcall.runs (principal_id, slot, trigger, state, started_at, finished_at, error)
    select principal.id, slot.at, 'schedule', 'failed', slot.at, slot.at, 'no answer'
    from rollcall.principals as principal,
      lateral (
        select ${night(-28).toISOString()}::timestamptz + make_interval(days => day) as at from generate_series(0, 29) as day
      ) as slot`);
  const slots = Array.from({ length: 30 }, (_, index) => night(index - 28));
  const names = Array.from({ length: 500 }, (_, index) => `bot-${index + 1}`);
  const found = await listLastNights(database.db, names, { slots, to: night(2) });

  expect(found.size).toBe(500);
  expect([...found.values()].flat().every(({ state }) => state === 'failed')).toBe(true);
});
