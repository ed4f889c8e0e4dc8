import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { useDatabase } from '../support/database.ts';
import { tellStory } from './story.ts';

const database = useDatabase();

/** What a view or a function gives, by the names of its columns. */
const toldByMemberships = {
  membership_id: 'text',
  two_factor_enforced: 'boolean',
  api_access: 'boolean',
  policies: 'text[]',
  parent_organization: 'text',
};

const expected = {
  snapshots: {
    run_id: 'bigint',
    principal: 'text',
    organization_id: 'text',
    organization_name: 'text',
    status: 'text',
    roles: 'text[]',
    permissions: 'text[]',
    ...toldByMemberships,
  },
  current_memberships: {
    principal: 'text',
    organization_id: 'text',
    organization_name: 'text',
    status: 'text',
    roles: 'text[]',
    permissions: 'text[]',
    since: 'timestamp with time zone',
    seen_at: 'timestamp with time zone',
    ...toldByMemberships,
  },
  change_log: {
    id: 'bigint',
    run_id: 'bigint',
    baseline_run_id: 'bigint',
    principal_id: 'bigint',
    principal: 'text',
    category: 'text',
    kind: 'text',
    organization_id: 'text',
    organization_name: 'text',
    before: 'text',
    after: 'text',
    added: 'text[]',
    removed: 'text[]',
    not_before: 'timestamp with time zone',
    not_after: 'timestamp with time zone',
    returning: 'boolean',
    by_us: 'boolean',
    slot: 'timestamp with time zone',
    trigger: 'text',
    run_started_at: 'timestamp with time zone',
    run_finished_at: 'timestamp with time zone',
    invited_by: 'text',
    invited_on: 'timestamp with time zone',
    expires_on: 'timestamp with time zone',
    gone_because: 'text',
    offered: 'text[]',
    super_administrator: 'text',
  },
};

const relations = { ...expected, [`memberships_as_of('2026-08-03 12:00Z')`]: expected.current_memberships };

/** The type of each value of a relation's first row, as PostgreSQL tells it to a client. */
async function typesOf(relation: string, columns: readonly string[]): Promise<unknown> {
  const asked = columns.map((name) => `pg_typeof("${name}")::text as "${name}"`).join(', ');
  const [types] = await queryRows(database.db, sql.raw(`select ${asked} from rollcall.${relation} limit 1`));
  return types;
}

test('views and the function give times, numbers and texts as what they are, for clients that cast nothing', async () => {
  await tellStory(database.db);
  for (const [relation, types] of Object.entries(relations))
    expect(await typesOf(relation, Object.keys(types)), relation).toEqual(types);
});

/** What no dashboard reads as a number, a time or a text: JSON, times without a zone, intervals, numbers of any size. */
const awkward = ['json', 'jsonb', 'timestamp without time zone', 'interval', 'numeric'];

test('no column has a type that dashboards cannot read, but for the proof of a run, which is JSON', async () => {
  const columns = await queryRows<{ column: string }>(
    database.db,
    sql`
      select c.relname || '.' || a.attname as column
      from pg_class as c join pg_attribute as a on a.attrelid = c.oid
      where c.relnamespace = 'rollcall'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0
        and not a.attisdropped and format_type(a.atttypid, null) = any (${sql.param(awkward)}::text[])
      order by 1`,
  );
  expect(columns).toEqual([{ column: 'runs.proof' }]);
});

test('a time is called by when it is, and an id is a number but for those that are Cloudflare’s own', async () => {
  const columns = await queryRows<{ column: string; name: string; type: string }>(
    database.db,
    sql`
      select c.relname || '.' || a.attname as column, a.attname as name, format_type(a.atttypid, null) as type
      from pg_class as c join pg_attribute as a on a.attrelid = c.oid
      where c.relnamespace = 'rollcall'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0
        and not a.attisdropped`,
  );
  const times = columns.filter(({ name }) => /(_at|_on|_from|_to|_until)$/.test(name));
  expect(times.length).toBeGreaterThan(20);
  expect(times.filter(({ type }) => type !== 'timestamp with time zone')).toEqual([]);

  const cloudflares = ['organization_id', 'membership_id', 'cloudflare_user_id', 'invite_id', 'message_id'];
  const ids = columns.filter(({ name }) => /(^|_)id$/.test(name));
  expect(ids.length).toBeGreaterThan(20);
  for (const { column, name, type } of ids)
    expect(type, column).toBe(cloudflares.includes(name) ? 'text' : 'bigint');
});
