import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { type RunState } from '../../src/domain/run.ts';
import { type GapFilter, listGaps } from '../../src/history/gaps.ts';
import { retirePrincipal } from '../../src/pipeline/principals.ts';
import { useDatabase } from '../support/database.ts';
import { aMembership, claim, holdNight, night, type Occasion, takeNight } from '../support/nights.ts';

const database = useDatabase();

/** Two o'clock in the night after the last that is told. */
const now = night(20);

function taken(day: number, occasion: Occasion = {}) {
  const slot = { trigger: 'schedule' as const, slot: night(day), at: night(day) };
  return takeNight(database.db, [aMembership()], { ...slot, ...occasion });
}

/** A night that was begun, and ended in this state. */
async function endShort(day: number, state: RunState, given: { abandoned?: boolean; byHand?: boolean } = {}) {
  const slot = given.byHand === true ? {} : { trigger: 'schedule' as const, slot: night(day) };
  const run = await claim(database.db, { at: night(day), ...slot });
  await database.db.execute(sql`
    update rollcall.runs set state = ${state}, finished_at = started_at, error = 'it went wrong',
      abandoned = ${given.abandoned ?? false}
    where id = ${run.id}`);
  return run.id;
}

async function gaps(filter: GapFilter = {}, at = now) {
  const found = await listGaps(database.db, filter, at);
  return found.map(({ principal, from, to, shortRuns }) => ({
    principal,
    from,
    to,
    runs: shortRuns.map(({ id, state }) => `${id} ${state}`),
  }));
}

test('nights that went well have no gap, whatever was tried by hand in between', async () => {
  for (const day of [18, 19]) await taken(day);
  await endShort(20, 'failed', { byHand: true });
  await taken(20);

  expect(await gaps()).toEqual([]);
});

test('a night whose process died and was done again has none', async () => {
  await taken(18);
  await endShort(19, 'failed', { abandoned: true });
  await taken(19);
  await taken(20);

  expect(await gaps()).toEqual([]);
});

describe('a night that ended without a snapshot is a gap from one complete run to the next', () => {
  test.each(['failed', 'incomplete', 'timed_out', 'rejected'] as const)('%s', async (state) => {
    await taken(18);
    const id = await endShort(19, state);
    await taken(20);

    expect(await gaps()).toEqual([
      { principal: 'ops-bot', from: night(18), to: night(20), runs: [`${id} ${state}`] },
    ]);
  });

  test('held, until it is believed', async () => {
    await taken(19);
    const { id } = await holdNight(database.db, [], { at: night(20), trigger: 'schedule', slot: night(20) });

    expect(await gaps()).toEqual([{ principal: 'ops-bot', from: night(19), to: null, runs: [`${id} held`] }]);
  });
});

test('nights without any run are one gap, and one that lasts has no end', async () => {
  for (const day of [1, 2, 3, 6, 7]) await taken(day);

  expect(await gaps()).toEqual([
    { principal: 'ops-bot', from: night(3), to: night(6), runs: [] },
    { principal: 'ops-bot', from: night(7), to: null, runs: [] },
  ]);
  expect(await gaps({}, night(8))).toHaveLength(1);
});

test('what is usual is looked for nearby: who goes from weekly to nightly has a gap at the turn alone', async () => {
  for (let week = -30; week < -4; week += 1) await taken(week * 7);
  for (let day = -28; day <= 20; day += 1) await taken(day);

  expect(await gaps()).toMatchObject([{ from: night(-35), to: night(-28) }]);
});

test('gaps are found by principal and by the time that they lasted', async () => {
  for (const day of [1, 2, 5, 6, 9, 10]) await taken(day);
  for (const day of [18, 20]) await taken(day, { principal: 'legacy' });
  const begun = async (filter: GapFilter) =>
    (await gaps({ principals: ['ops-bot'], ...filter })).map(({ from }) => from);

  expect(await gaps({ principals: ['legacy'] })).toMatchObject([{ from: night(18), to: night(20) }]);
  expect(await gaps({ principals: [] })).toEqual([]);
  expect(await begun({})).toEqual([night(2), night(6), night(10)]);
  expect(await begun({ since: night(5) })).toEqual([night(6), night(10)]);
  expect(await begun({ until: night(6) })).toEqual([night(2)]);
  expect(await begun({ since: night(4), until: night(4) })).toEqual([night(2)]);
  expect(await begun({ since: night(6), until: night(6) })).toEqual([]);
});

test('who is retired has not been observed since its last complete run', async () => {
  await taken(20);
  await retirePrincipal({ db: database.db, now: () => now }, 'ops-bot');

  expect(await listGaps(database.db, {}, now)).toMatchObject([{ to: null, retiredAt: now }]);
});
