import { expect, test } from 'vitest';
import { listPrincipals, listRetired } from '../../src/history/principals.ts';
import { retirePrincipal } from '../../src/pipeline/principals.ts';
import { useDatabase } from '../support/database.ts';
import { acme, aMembership, claim, globex, night, store, takeNight } from '../support/nights.ts';

const database = useDatabase();

const inFull = [
  aMembership({ organizationId: acme }),
  aMembership({ organizationId: globex, status: 'invited' }),
  aMembership({ organizationId: 'c', status: 'suspended' }),
  aMembership({ organizationId: 'd', status: null }),
];

test('who is known is listed by name, with the Cloudflare user, the newest complete run and what it saw', async () => {
  await takeNight(database.db, [aMembership()], { principal: 'ops-bot', at: night(1) });
  const run = await claim(database.db, { principal: 'legacy', at: night(2) });
  await store(database.db, run, { memberships: inFull, cloudflareUserId: 'alice' });
  await takeNight(database.db, [], { principal: 'ops-bot', at: night(3) });
  await claim(database.db, { principal: 'ops-bot', at: night(4) });
  await claim(database.db, { principal: 'new-bot', at: night(4) });

  expect(await listPrincipals(database.db)).toEqual([
    {
      principal: 'legacy',
      cloudflareUserId: 'alice',
      retiredAt: null,
      lastComplete: { runId: 2, finishedAt: night(2) },
      members: 1,
      invited: 1,
      other: 2,
    },
    {
      principal: 'new-bot',
      cloudflareUserId: null,
      retiredAt: null,
      lastComplete: null,
      members: 0,
      invited: 0,
      other: 0,
    },
    {
      principal: 'ops-bot',
      cloudflareUserId: null,
      retiredAt: null,
      lastComplete: { runId: 3, finishedAt: night(3) },
      members: 0,
      invited: 0,
      other: 0,
    },
  ]);
});

test('who is retired is listed too, with since when', async () => {
  await takeNight(database.db, [aMembership()]);
  await takeNight(database.db, [aMembership()], { principal: 'legacy' });
  await retirePrincipal({ db: database.db, now: () => night(2) }, 'legacy');

  expect(await listPrincipals(database.db)).toMatchObject([
    { principal: 'legacy', retiredAt: night(2), members: 1 },
    { principal: 'ops-bot', retiredAt: null },
  ]);
  expect(await listRetired(database.db)).toEqual(['legacy']);
});
