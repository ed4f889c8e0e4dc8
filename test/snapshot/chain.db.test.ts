import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { byOrganizationId, type Membership } from '../../src/domain/membership.ts';
import { listChanges } from '../../src/history/changes.ts';
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

/** Computed here as the documentation says, without rollcall. */
function digestOf(memberships: readonly Membership[]): string {
  const lines = memberships.toSorted(byOrganizationId).map((membership) =>
    lineOf({
      organization_id: membership.organizationId,
      organization_name: membership.organizationName,
      permissions: membership.permissions,
      roles: membership.roles,
      status: membership.status,
    }),
  );
  return sha256(lines.join(''));
}

/** The given order of the keys is that of the alphabet. */
function lineOf(columns: Record<string, unknown>): string {
  return `${JSON.stringify(Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== null)))}\n`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The runs, oldest first. */
async function readRuns() {
  return (await listRuns(database.db, { limit: 100 })).toReversed();
}

test('the digest of a snapshot can be computed from its memberships alone', async () => {
  await takeNight(database.db, roll);

  const pinned = '904c44d838256c285f5e74b7ae969721cf777c4cf83d6e365f889815b47a43dc';
  expect(digestOf(roll)).toBe(pinned);
  expect(await readRuns()).toMatchObject([{ digest: pinned, digestVersion: 2 }]);
});

test('the same memberships have the same digest, in whatever order they were listed', async () => {
  await takeNight(database.db, roll, { at: night(1) });
  await takeNight(database.db, roll.toReversed(), { at: night(2) });

  const [first, second] = await readRuns();
  expect(second?.digest).toBe(first?.digest);
});

test('the digest of no memberships is that of no text', async () => {
  await takeNight(database.db, []);

  expect(await readRuns()).toMatchObject([{ digest: sha256('') }]);
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

  const digests = (await readRuns()).map(({ digest }) => digest);
  expect(new Set(digests).size).toBe(differences.length);
});

test('the chain takes in the link before, what the run says of itself, its snapshot and its changes', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  await takeNight(database.db, [], { at: night(2), trigger: 'schedule', slot: night(2) });

  const about = {
    cloudflare_user_id: null,
    conclusion: 'it agreed with the baseline',
  };
  const first = lineOf({
    changes: 0,
    changes_digest: sha256(''),
    ...about,
    digest: digestOf([aMembership()]),
    digest_version: 2,
    finished_at: '2026-08-01T02:00:00.000Z',
    invited: 0,
    listings: 1,
    members: 1,
    organizations: 1,
    pages: 3,
    principal_id: 1,
    proof: [],
    requests: 3,
    retries: 0,
    run_id: 1,
    source: 'organizations',
    started_at: '2026-08-01T02:00:00.000Z',
    trigger: 'manual',
  });
  const left = lineOf({
    added: [],
    after: 'absent',
    baseline_run_id: 1,
    before: 'member',
    by_us: false,
    category: 'membership',
    id: 1,
    kind: 'left',
    not_after: '2026-08-02T02:00:00.000Z',
    not_before: '2026-08-01T02:00:00.000Z',
    offered: [],
    organization_id: acme,
    organization_name: 'Acme',
    removed: ['Administrator'],
    returning: false,
    run_id: 2,
  });
  const second = lineOf({
    baseline_run_id: 1,
    changes: 1,
    changes_digest: sha256(left),
    ...about,
    digest: sha256(''),
    digest_version: 2,
    finished_at: '2026-08-02T02:00:00.000Z',
    invited: 0,
    listings: 1,
    members: 0,
    organizations: 0,
    pages: 3,
    previous: sha256(first),
    principal_id: 1,
    proof: [],
    requests: 3,
    retries: 0,
    run_id: 2,
    slot: '2026-08-02T02:00:00.000Z',
    source: 'organizations',
    started_at: '2026-08-02T02:00:00.000Z',
    trigger: 'schedule',
  });
  expect((await readRuns()).map(({ chain }) => chain)).toEqual([sha256(first), sha256(second)]);
  expect((await readRuns())[1]?.changesDigest).toBe(sha256(left));
});

test('the chain goes on over a quiet night, so that a night cannot be taken out', async () => {
  await takeNight(database.db, roll, { at: night(1) });
  await takeNight(database.db, roll, { at: night(2) });

  const [first, second] = await readRuns();
  expect(second?.chain).not.toBe(first?.chain);
});

test('each principal has a chain of its own', async () => {
  await takeNight(database.db, roll, { principal: 'ops-bot', at: night(1) });
  const legacy = await takeNight(database.db, roll, { principal: 'legacy', at: night(1) });
  const again = await takeNight(database.db, roll, { principal: 'legacy', at: night(2) });

  expect(legacy.baseline).toBeNull();
  expect(again.baseline).toMatchObject({ runId: legacy.run.id, chain: legacy.chain });
});

test('what a change says is in its digest, as history tells it', async () => {
  await takeNight(database.db, [], { at: night(1) });
  const joined = await takeNight(database.db, roll, { at: night(2) });

  expect(await listChanges(database.db, { runId: joined.run.id })).toEqual(joined.changes);
});
