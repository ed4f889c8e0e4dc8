import { type SQL, sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { migrate, readMigrations } from '../../src/database/migrate.ts';
import { listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { listRuns } from '../../src/history/runs.ts';
import { approveRun } from '../../src/pipeline/decide.ts';
import { createLog } from '../../src/log.ts';
import { databaseKind, useBareDatabase } from '../support/database.ts';
import { verifyRecorded } from '../../src/history/verify/recorded.ts';
import { aMembership, claim, globex, acme, night, takeNight } from '../support/nights.ts';

const database = useBareDatabase();

const superAdministrator = 'Super Administrator - All Privileges';

/** As version 0.1.0 left it: two complete nights, and one that is held. */
const before = readMigrations().slice(0, 5);

const at = (day: number) => sql.raw(`'2026-10-${String(day).padStart(2, '0')}T02:00:00Z'`);

const seed: SQL[] = [
  sql`insert into rollcall.principals (name) values ('ops-bot')`,
  sql`
    insert into rollcall.runs (principal_id, trigger, state, started_at, finished_at, baseline_run_id, organizations, changes, digest, chain, cloudflare_user_id)
    values
      (1, 'manual', 'complete', ${at(1)}, ${at(1)}, null, 4, 0, 'd1', 'c1', 'user-1'),
      (1, 'manual', 'complete', ${at(2)}, ${at(2)}, 1, 4, 5, 'd2', 'c2', null)`,
  sql`
    insert into rollcall.runs (principal_id, trigger, state, started_at, finished_at, organizations, error, conclusion)
    values (1, 'manual', 'held', ${at(3)}, ${at(3)}, 1, 'too much', 'listings 1 and 2 agree')`,
  sql`
    insert into rollcall.memberships (principal_id, organization_id, organization_name, status, roles, permissions, first_run_id, ended_run_id, valid_from, valid_to)
    values
      (1, ${acme}, 'Acme', 'member', array['Billing'], '{}', 1, null, ${at(1)}, null),
      (1, ${globex}, 'Globex', 'invited', array[${superAdministrator}], '{}', 1, 2, ${at(1)}, ${at(2)}),
      (1, ${globex}, 'Globex', 'member', array[${superAdministrator}], '{}', 2, null, ${at(2)}, null),
      (1, 'initech', 'Initech', 'invited', array[${superAdministrator}], '{}', 1, 2, ${at(1)}, ${at(2)}),
      (1, 'umbrella', 'Umbrella', 'invited', array['DNS'], '{}', 1, 2, ${at(1)}, ${at(2)}),
      (1, 'umbrella', 'Umbrella', 'invited', array['Billing'], '{}', 2, null, ${at(2)}, null),
      (1, 'hooli', 'Hooli', 'member', array['DNS', ${superAdministrator}], '{}', 1, 2, ${at(1)}, ${at(2)}),
      (1, 'hooli', 'Hooli', 'member', array['DNS'], '{}', 2, null, ${at(2)}, null)`,
  sql`
    insert into rollcall.changes (run_id, baseline_run_id, principal_id, organization_id, category, kind, before, after, added, removed, not_before, not_after)
    values
      (2, 1, 1, ${globex}, 'invitation', 'invitation_accepted', 'invited', 'member', '{}', '{}', ${at(1)}, ${at(2)}),
      (2, 1, 1, 'initech', 'invitation', 'invitation_gone', 'invited', 'absent', '{}', array[${superAdministrator}], ${at(1)}, ${at(2)}),
      (2, 1, 1, 'umbrella', 'membership', 'roles_changed', 'DNS', 'Billing', array['Billing'], array['DNS'], ${at(1)}, ${at(2)}),
      (2, 1, 1, 'hooli', 'membership', 'roles_changed', 'DNS; x', 'DNS', '{}', array[${superAdministrator}], ${at(1)}, ${at(2)}),
      (2, 1, 1, ${acme}, 'membership', 'renamed', 'Acme Ltd', 'Acme', '{}', '{}', ${at(1)}, ${at(2)})`,
  sql`
    insert into rollcall.held_listings (run_id, memberships)
    values (3, ${JSON.stringify([aMembership({ roles: ['Billing'], permissions: [] })])}::jsonb)`,
];

const current = [
  aMembership({ roles: ['Billing'], permissions: [] }),
  aMembership({
    organizationId: globex,
    organizationName: 'Globex',
    roles: [superAdministrator],
    permissions: [],
  }),
  aMembership({ organizationId: 'hooli', organizationName: 'Hooli', roles: ['DNS'], permissions: [] }),
  aMembership({
    organizationId: 'umbrella',
    organizationName: 'Umbrella',
    status: 'invited',
    roles: ['Billing'],
    permissions: [],
  }),
];

beforeEach(async () => {
  await migrate(database.db, before);
  for (const statement of seed) await database.db.execute(statement);
});

describe('a database of version 0.1.0', () => {
  test('tells access in the changes that it has told', async () => {
    await migrate(database.db);

    expect(await listChanges(database.db, {})).toMatchObject([
      {
        kind: 'invitation_accepted',
        added: [superAdministrator],
        offered: [superAdministrator],
        superAdministrator: 'gained',
      },
      {
        kind: 'invitation_gone',
        added: [],
        removed: [],
        offered: [superAdministrator],
        superAdministrator: 'offer_gone',
      },
      { category: 'invitation', kind: 'invitation_changed', added: [], removed: [], offered: ['Billing'] },
      { kind: 'roles_changed', removed: [superAdministrator], offered: [], superAdministrator: 'lost' },
      { kind: 'renamed', added: [], removed: [], offered: [], superAdministrator: null },
    ]);
  });

  test('keeps what its links cover, and chains its intervals', async () => {
    await migrate(database.db);

    const runs = (await listRuns(database.db, { limit: 9 })).toReversed();
    expect(runs.map(({ digestVersion, chainedName, chain }) => [digestVersion, chainedName, chain])).toEqual([
      [1, 'ops-bot', 'c1'],
      [1, 'ops-bot', 'c2'],
      [null, null, null],
    ]);
    const intervals = await queryRows<{ isChained: boolean }>(
      database.db,
      sql`
        select (previous_valid_to is not null) = (first_run_id = 2) as "isChained" from rollcall.memberships`,
    );
    expect(intervals.every(({ isChained }) => isChained)).toBe(true);
    expect(await queryRows(database.db, sql`select cloudflare_user_id from rollcall.principals`)).toEqual([
      { cloudflare_user_id: 'user-1' },
    ]);
  });

  test('has a quiet night next when nothing has changed', async () => {
    await migrate(database.db);
    const { changes } = await takeNight(database.db, current, { at: new Date('2026-11-27T02:00:00Z') });

    expect(changes).toEqual([]);
    expect(await listRuns(database.db, { limit: 1 })).toMatchObject([
      { state: 'complete', baselineRunId: 2, digestVersion: 2 },
    ]);
  });

  test('has a held run that can be approved still', async () => {
    await migrate(database.db);
    const context = {
      db: database.db,
      config: {
        audiences: [],
        hold: { removals: 10, share: 0.25 },
        mailFrom: 'rollcall@example.com',
        schedule: { expression: '0 2 * * *', timezone: 'UTC' },
      },
      queue: { enqueue: () => Promise.resolve() },
      now: () => new Date('2026-11-27T02:00:00Z'),
      log: createLog({ level: 'silent', forPeople: false }),
    };
    const { snapshot } = await approveRun(context as never, 3);

    expect(snapshot.changes.map(({ kind, organizationId }) => [kind, organizationId])).toEqual([
      ['left', globex],
      ['left', 'hooli'],
      ['invitation_gone', 'umbrella'],
    ]);
    expect(await listMembers(database.db, {})).toMatchObject([{ organizationId: acme }]);
  });

  test('whose history has forked already is brought to this version, and forks no more', async () => {
    await database.db.execute(sql`
      insert into rollcall.runs (principal_id, trigger, state, started_at, finished_at, baseline_run_id, organizations, changes, digest, chain)
      values (1, 'manual', 'complete', ${at(4)}, ${at(4)}, 1, 4, 0, 'd4', 'c4')`);
    await migrate(database.db);

    const fork = (baseline: number) =>
      database.db.execute(sql`
        insert into rollcall.runs (principal_id, trigger, state, started_at, finished_at, baseline_run_id, organizations, changes, digest, digest_version, chain)
        values (1, 'manual', 'complete', ${at(5)}, ${at(5)}, ${baseline}, 4, 0, 'd5', 2, 'c5')`);
    await fork(4);
    await expect(fork(4)).rejects.toThrow();
  });
});

test.runIf(databaseKind() === 'postgres')(
  'a database that has the extension and its constraint loses the constraint, and keeps working',
  async () => {
    await database.db.execute(sql`create extension btree_gist`);
    await database.db.execute(sql`
      alter table rollcall.memberships add constraint memberships_never_overlap
      exclude using gist (organization_id with =, principal_id with =, tstzrange(valid_from, valid_to) with &&)`);
    await migrate(database.db);

    const constraints = await queryRows(
      database.db,
      sql`select 1 from pg_constraint where conname = 'memberships_never_overlap'`,
    );
    expect(constraints).toEqual([]);
    await takeNight(database.db, [], { at: new Date('2026-11-27T02:00:00Z') });
    expect(await listMembers(database.db, {})).toEqual([]);
  },
);

test('a new database never asks for the extension', async () => {
  await migrate(database.db);

  expect(await queryRows(database.db, sql`select 1 from pg_extension where extname = 'btree_gist'`)).toEqual(
    [],
  );
});

test('what a worker of before seals had in hand when the database was brought to this version is sealed by the next night', async () => {
  await migrate(database.db);
  await takeNight(database.db, [aMembership()], { principal: 'late', at: night(1) });
  const late = await claim(database.db, { principal: 'late', at: night(2) });
  await database.db.execute(sql`
    update rollcall.runs set state = 'failed', error = 'no answer', finished_at = started_at where id = ${late.id}`);
  await database.db.execute(sql`
    insert into rollcall.reports (run_id, principal_id, kind, subject, text, html)
    values (${late.id}, ${late.principalId}, 'failure', 's', 't', 'h')`);
  const { run } = await takeNight(database.db, [aMembership()], { principal: 'late', at: night(3) });

  const linked = sql`
    select linked_by::int as by from rollcall.runs where id = ${late.id}
    union all select linked_by::int from rollcall.reports`;
  expect(await queryRows(database.db, linked)).toEqual([{ by: run.id }, { by: run.id }]);
  const { principals } = await verifyRecorded(database.db, { principal: 'late' });
  expect(principals).toMatchObject([{ mismatch: null }]);
});
