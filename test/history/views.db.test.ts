import { sql } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { endRunShort } from '../../src/schedule/claim.ts';
import { useDatabase } from '../support/database.ts';
import { acme, claim, evidence, globex, night } from '../support/nights.ts';
import { rowsOf } from '../support/raw-rows.ts';
import { tellStory } from './story.ts';

const database = useDatabase();

beforeEach(() => tellStory(database.db));

/** Who stood where in which status, as `memberships_as_of` tells it. */
function askAsOf(instant: Date) {
  return queryRows(
    database.db,
    sql`
      select principal, organization_id, status, roles
      from rollcall.memberships_as_of(${instant.toISOString()}::timestamptz)
      order by principal, organization_name, organization_id`,
  );
}

test('snapshots has what each complete run saw, and nothing of one that failed', async () => {
  const failed = await claim(database.db, { at: night(6) });
  const end = { state: 'failed', error: 'no answer', evidence, now: night(6) } as const;
  await endRunShort(database.db, failed, end);

  const seen = await queryRows(
    database.db,
    sql`
      select run_id::int, principal, organization_id, status from rollcall.snapshots
      order by run_id, organization_id`,
  );

  expect(seen).toEqual([
    { run_id: 1, principal: 'ops-bot', organization_id: acme, status: 'member' },
    { run_id: 2, principal: 'legacy', organization_id: globex, status: 'invited' },
    { run_id: 3, principal: 'ops-bot', organization_id: acme, status: 'member' },
    { run_id: 3, principal: 'ops-bot', organization_id: globex, status: 'invited' },
    { run_id: 4, principal: 'ops-bot', organization_id: acme, status: 'member' },
    { run_id: 4, principal: 'ops-bot', organization_id: globex, status: 'member' },
    { run_id: 5, principal: 'ops-bot', organization_id: globex, status: 'member' },
    { run_id: 6, principal: 'ops-bot', organization_id: acme, status: 'member' },
  ]);
});

test('snapshots counts for each run what the run counted', async () => {
  const counts = await queryRows(
    database.db,
    sql`
      select run.id::int, run.organizations, count(seen.organization_id)::int as seen
      from rollcall.runs as run left join rollcall.snapshots as seen on seen.run_id = run.id
      group by run.id, run.organizations order by run.id`,
  );

  expect(counts).toHaveLength(6);
  for (const { organizations, seen } of counts) expect(seen).toBe(organizations);
});

test('current_memberships has what the newest night of each principal saw', async () => {
  const current = await queryRows(
    database.db,
    sql`select principal, organization_id, status, roles from rollcall.current_memberships order by principal`,
  );

  expect(current).toEqual([
    { principal: 'legacy', organization_id: globex, status: 'invited', roles: ['Administrator'] },
    { principal: 'ops-bot', organization_id: acme, status: 'member', roles: ['DNS'] },
  ]);
});

test('memberships_as_of has a membership from the instant it was seen until the instant it was missed', async () => {
  const justBefore = (instant: Date) => new Date(instant.getTime() - 1);
  const atAcme = { principal: 'ops-bot', organization_id: acme };

  expect(await askAsOf(justBefore(night(1)))).toEqual([]);
  expect(await askAsOf(night(1))).toMatchObject([{ principal: 'legacy' }, atAcme]);
  expect(await askAsOf(justBefore(night(4)))).toMatchObject([{ principal: 'legacy' }, atAcme, {}]);
  expect(await askAsOf(night(4))).toMatchObject([
    { principal: 'legacy' },
    { principal: 'ops-bot', organization_id: globex, status: 'member' },
  ]);
  expect(await askAsOf(night(30))).toMatchObject([{ principal: 'legacy' }, { ...atAcme, roles: ['DNS'] }]);
});

test('the members command’s query tells of every instant what memberships_as_of tells', async () => {
  for (const instant of [1, 2, 3, 4, 5, 6].map((day) => night(day))) {
    const listed = await listMembers(database.db, { at: instant });

    expect(
      listed.map(({ principal, organizationId, status, roles }) => ({
        principal,
        organization_id: organizationId,
        status,
        roles,
      })),
    ).toEqual(await askAsOf(instant));
  }
});

test('the members as of now are the current ones', async () => {
  expect(await listMembers(database.db, { at: night(30) })).toEqual(await listMembers(database.db, {}));
});

test('change_log has every change once, with its principal’s name and its run', async () => {
  const log = await rowsOf(database.db, 'change_log');
  const changes = await listChanges(database.db, {});

  expect(
    log.map(({ id, principal, kind, organization_id }) => [Number(id), principal, kind, organization_id]),
  ).toEqual(changes.map(({ id, principal, kind, organizationId }) => [id, principal, kind, organizationId]));
  expect(changes.map(({ kind }) => kind)).toEqual([
    'invited',
    'invitation_accepted',
    'left',
    'joined',
    'left',
  ]);
});
