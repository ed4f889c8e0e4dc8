import { expect, test } from 'vitest';
import { reports, runs } from '../../src/database/schema.ts';
import { tryToClaim, claim, aMembership, evidence, night } from '../support/nights.ts';
import { concludeShort } from '../../src/pipeline/conclude.ts';
import { storeFirst } from '../../src/snapshot/store.ts';
import { digestRoll } from '../../src/domain/digest.ts';
import { useDatabase } from '../support/database.ts';
import { letDie } from '../support/clock.ts';

const database = useDatabase();

const setting = () => ({
  config: {
    audiences: [{ to: ['security@example.com'] }],
    hold: { removals: 10, share: 0.25 },
    mailFrom: 'rollcall@example.com',
    command: 'rollcall',
    schedule: { expression: '0 2 * * *', timezone: 'UTC' },
  },
  queue: database.queue,
  now: night(2),
});

test('no failure is told of a run that is no longer ours', async () => {
  const stale = await claim(database.db, { worker: 'hung:1:a' });
  await letDie(database.db, stale.id);
  await tryToClaim(database.db, { worker: 'fresh:2:b' });
  const end = { state: 'failed', abandoned: false, error: 'no answer', code: null, evidence } as const;
  await database.db.transaction((tx) => concludeShort(tx, stale, { end, setting: setting() }));

  expect(await database.db.select().from(reports)).toEqual([]);
  const ours = await claim(database.db, { principal: 'legacy' });
  await database.db.transaction((tx) => concludeShort(tx, ours, { end, setting: setting() }));
  expect(await database.db.select().from(reports)).toMatchObject([{ kind: 'failure', runId: ours.id }]);
});

test('a run that was given up for dead cannot turn complete, not even at its last statement', async () => {
  const stale = await claim(database.db, { worker: 'hung:1:a' });
  await letDie(database.db, stale.id);
  await tryToClaim(database.db, { worker: 'fresh:2:b' });
  const memberships = [aMembership()];
  const seen = {
    digest: digestRoll(memberships),
    counts: { members: 1, invited: 0, other: 0 },
    invitations: null,
    declined: [],
    seenAt: night(1),
    conclusion: 'listings 1 and 2 agree',
    cloudflareUserId: null,
    evidence,
  };
  const storing = database.db.transaction((tx) =>
    storeFirst(tx, stale, { seen, from: 'running', memberships }),
  );

  await expect(storing).rejects.toMatchObject({ code: 'busy' });
  expect((await database.db.select().from(runs)).map(({ state }) => state).sort()).toEqual([
    'failed',
    'running',
  ]);
});
