import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { byOrganizationId, type Membership } from '../../src/domain/membership.ts';
import { listRuns } from '../../src/history/runs.ts';
import { useDatabase } from '../support/database.ts';
import { acme, aMembership, globex, night, takeNight } from '../support/nights.ts';

const database = useDatabase();

const roll = [
  aMembership({
    organizationId: globex,
    organizationName: 'Glöbex "😀"\n\u0001\\',
    roles: [],
    permissions: null,
  }),
  aMembership({ organizationId: acme, roles: ['Billing', 'DNS'] }),
  aMembership({ organizationId: 'Z', organizationName: null, status: null }),
  aMembership({ organizationId: 'a' }),
];

/** Computed here as the documentation says, without Postgres. */
function digestOf(memberships: readonly Membership[]): string {
  const lines = memberships.toSorted(byOrganizationId).map((membership) => {
    const fields = [
      membership.organizationId,
      membership.organizationName,
      membership.status,
      membership.roles,
      membership.permissions,
    ];
    return `[${fields.map((field) => JSON.stringify(field)).join(', ')}]`;
  });
  return sha256(lines.join('\n'));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The runs' digests and chains, oldest first. */
async function readChain() {
  const runs = await listRuns(database.db, { limit: 100 });
  return runs.toReversed().map(({ digest, chain }) => ({ digest, chain }));
}

test('the digest of a snapshot can be computed from its memberships alone', async () => {
  await takeNight(database.db, roll);

  const pinned = 'b0442636ad62d41f63f0f030e4e5136ba388e939b9c049e710d027853fdf40d8';
  expect(digestOf(roll)).toBe(pinned);
  expect(await readChain()).toMatchObject([{ digest: pinned }]);
});

test('the same memberships have the same digest, in whatever order they were listed', async () => {
  await takeNight(database.db, roll, { at: night(1) });
  await takeNight(database.db, roll.toReversed(), { at: night(2) });

  const [first, second] = await readChain();
  expect(second?.digest).toBe(first?.digest);
});

test('the digest of no memberships is that of no text', async () => {
  await takeNight(database.db, []);

  expect(await readChain()).toMatchObject([{ digest: sha256('') }]);
});

test('any difference in any field makes another digest', async () => {
  const differences: Partial<Membership>[] = [
    {},
    { organizationId: globex },
    { organizationName: 'acme' },
    { status: 'invited' },
    { roles: [] },
    { roles: ['Administrator', ''] },
    { permissions: ['#zones:edit'] },
  ];
  for (const [index, difference] of differences.entries()) {
    await takeNight(database.db, [aMembership(difference)], { at: night(index + 1) });
  }

  const digests = (await readChain()).map(({ digest }) => digest);
  expect(new Set(digests).size).toBe(differences.length);
});

test('the chain takes in the link before, the run, the principal, the time and the digest', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  await takeNight(database.db, [], { at: night(2) });

  const first = ['', '1', 'ops-bot', '2026-08-01T02:00:00.000Z', digestOf([aMembership()])];
  const second = [sha256(first.join('\n')), '2', 'ops-bot', '2026-08-02T02:00:00.000Z', digestOf([])];
  expect((await readChain()).map(({ chain }) => chain)).toEqual([
    sha256(first.join('\n')),
    sha256(second.join('\n')),
  ]);
});

test('the chain goes on over a quiet night, so that a night cannot be taken out', async () => {
  await takeNight(database.db, roll, { at: night(1) });
  await takeNight(database.db, roll, { at: night(2) });

  const [first, second] = await readChain();
  expect(second?.chain).not.toBe(first?.chain);
});

test('each principal has a chain of its own', async () => {
  await takeNight(database.db, roll, { principal: 'ops-bot', at: night(1) });
  const legacy = await takeNight(database.db, roll, { principal: 'legacy', at: night(1) });

  const first = ['', String(legacy.run.id), 'legacy', '2026-08-01T02:00:00.000Z', digestOf(roll)];
  expect(legacy.chain).toBe(sha256(first.join('\n')));
});
