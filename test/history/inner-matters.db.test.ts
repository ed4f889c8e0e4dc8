import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { deliveries, principals } from '../../src/database/schema.ts';
import { readInnerMatters } from '../../src/history/inner-matters.ts';
import { owe } from '../deliver/owed.ts';
import { useDatabase } from '../support/database.ts';
import { aMembership, claim, night, takeNight } from '../support/nights.ts';

const database = useDatabase();

const week = { from: night(3), to: night(10) };

describe('reports that were not sent', () => {
  /** One delivery that was owed on that day, as it stands now. */
  async function delivery(day: number, given: Partial<typeof deliveries.$inferInsert>): Promise<void> {
    const before = await database.db.select({ id: deliveries.id }).from(deliveries);
    await owe(database, { createdAt: night(day) });
    const known = before.map(({ id }) => id);
    const [made] = (await database.db.select().from(deliveries)).filter(({ id }) => !known.includes(id));
    await database.db
      .update(deliveries)
      .set(given)
      .where(eq(deliveries.id, made?.id ?? 0));
  }

  it.each([
    ['refused or given up', 4, { state: 'failed', attempts: 1 }, 1],
    ['tried for a day', 8, { state: 'pending', attempts: 3 }, 1],
    ['of which nobody knows for a day', 8, { state: 'unknown', attempts: 1 }, 1],
    [
      'tried since this morning',
      9,
      { state: 'pending', attempts: 3, owedSince: new Date(night(9).getTime() + 1) },
      0,
    ],
    ['nobody has tried yet', 4, { state: 'pending', attempts: 0 }, 0],
    ['sent', 4, { state: 'sent', attempts: 1, sentAt: night(4) }, 0],
    ['refused before the period', 2, { state: 'failed', attempts: 1 }, 0],
    ['refused after it', 11, { state: 'failed', attempts: 1 }, 0],
  ] as const)('are those that were %s', async (...[, day, given, count]) => {
    await delivery(day, given);
    const { unsent } = await readInnerMatters(database.db, ['ops-bot'], week);
    expect(unsent).toEqual({ mail: count, webhook: 0, states: count === 0 ? [] : [given.state] });
  });

  it('are counted by their carriers', async () => {
    await delivery(4, { state: 'failed' });
    await delivery(5, { state: 'failed', carrier: 'webhook', recipient: 'webhook:0a1b2c3d4e5f' });
    await delivery(6, {
      state: 'unknown',
      attempts: 2,
      carrier: 'webhook',
      recipient: 'webhook:0a1b2c3d4e5f',
    });

    const { unsent } = await readInnerMatters(database.db, ['ops-bot'], week);
    expect(unsent).toEqual({ mail: 1, webhook: 2, states: ['failed', 'unknown'] });
  });
});

it('who is current and not configured is forgotten; not who is retired, in none, or was never seen', async () => {
  await takeNight(database.db, [aMembership()], { principal: 'ops-bot' });
  await takeNight(database.db, [aMembership()], { principal: 'forgotten' });
  await takeNight(database.db, [], { principal: 'empty' });
  await takeNight(database.db, [aMembership()], { principal: 'retired' });
  await database.db
    .update(principals)
    .set({ retiredAt: sql`now()` })
    .where(eq(principals.name, 'retired'));
  await claim(database.db, { principal: 'never' });

  const { forgotten, unheard } = await readInnerMatters(database.db, ['ops-bot', 'new'], week);
  expect(forgotten).toEqual([{ principal: 'forgotten', memberships: 1, lastComplete: night(1) }]);
  expect(unheard).toEqual(['new']);
});
