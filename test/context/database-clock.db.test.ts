import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { followDatabaseClock } from '../../src/context/database-clock.ts';
import { createLog } from '../../src/log.ts';
import { useDatabase } from '../support/database.ts';
import { collectLog } from '../support/log-lines.ts';

const database = useDatabase();

const hourMs = 3_600_000;

/** A machine whose clock can be set, and what it logs. */
function aMachine() {
  const { log, lines } = collectLog();
  const machine = { aheadMs: 0, lines };
  const system = () => new Date(Date.now() + machine.aheadMs);
  return { ...machine, machine, system, clock: followDatabaseClock({ db: database.db, log, system }) };
}

test.each([365 * 24 * hourMs, 5 * 60_000, -hourMs, -3650 * 24 * hourMs])(
  'a machine whose clock is off by %d ms keeps the time of the database, and says so once',
  async (aheadMs) => {
    const { machine, clock, lines } = aMachine();
    machine.aheadMs = aheadMs;
    await clock.compare();
    await clock.compare();

    expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(60_000);
    expect(lines).toMatchObject([{ level: 40, msg: expect.stringContaining('differs') as string }]);
    expect(lines[0]?.['clock']).toContain(aheadMs > 0 ? 'ahead of' : 'behind');
  },
);

test('one that is set right keeps its own again, and says so', async () => {
  const { machine, clock, lines } = aMachine();
  machine.aheadMs = 365 * 24 * hourMs;
  await clock.compare();
  machine.aheadMs = 0;
  await clock.compare();

  expect(lines.map(({ level }) => level)).toEqual([40, 30]);
  expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(60_000);
});

test('one that agrees, but for seconds, keeps its own and says nothing', async () => {
  const { machine, clock, system, lines } = aMachine();
  machine.aheadMs = 5_000;
  await clock.compare();

  expect(lines).toEqual([]);
  expect(clock.now().getTime() - system().getTime()).toBeLessThanOrEqual(0);
  expect(clock.now().getTime() - Date.now()).toBeGreaterThan(4_000);
});

test('a database that does not answer changes nothing', async () => {
  const { machine, clock, system, lines } = aMachine();
  machine.aheadMs = 365 * 24 * hourMs;
  await clock.compare();
  const log = createLog({ level: 'silent', forPeople: false });
  await database.db
    .transaction(async (tx) => {
      const within = followDatabaseClock({ db: tx, log, system });
      await within.compare();
      await tx.execute(sql`select 1 / 0`).catch(() => undefined);
      machine.aheadMs = 0;
      await within.compare();
      expect(Date.now() - within.now().getTime()).toBeGreaterThan(300 * 24 * hourMs);
    })
    // The transaction has failed, and cannot be committed.
    .catch(() => undefined);

  expect(lines).toHaveLength(1);
});
