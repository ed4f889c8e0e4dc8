import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

/** What people's own queries may rely on; columns may be added, never renamed or taken away. */
const promised: Record<string, string> = {
  principals: 'id name cloudflare_user_id retired_at',
  runs: 'id principal_id slot trigger state source baseline_run_id started_at finished_at organizations changes requests error digest digest_version chain',
  memberships:
    'principal_id organization_id organization_name status roles permissions first_run_id ended_run_id valid_from valid_to membership_id two_factor_enforced api_access policies parent_organization',
  changes:
    'id run_id baseline_run_id principal_id organization_id organization_name category kind before after added removed not_before not_after returning by_us invited_by invited_on expires_on gone_because offered super_administrator',
  reports: 'id run_id kind subject csv csv_sha256',
  deliveries: 'id report_id recipient state attempts message_id sent_at last_error',
  workers: 'name version started_at seen_at',
  snapshots:
    'run_id principal organization_id organization_name status roles permissions membership_id two_factor_enforced api_access policies parent_organization',
  current_memberships:
    'principal organization_id organization_name status roles permissions since seen_at membership_id two_factor_enforced api_access policies parent_organization',
  change_log:
    'id run_id baseline_run_id principal_id principal organization_id organization_name category kind before after added removed not_before not_after returning by_us invited_by invited_on expires_on gone_because offered super_administrator run_started_at run_finished_at',
};

for (const [relation, columns] of Object.entries(promised)) {
  test(`rollcall.${relation} has the columns that queries rely on`, async () => {
    const found = await queryRows<{ column_name: string }>(
      database.db,
      sql`
        select column_name::text from information_schema.columns
        where table_schema = 'rollcall' and table_name = ${relation}`,
    );

    expect(found.map(({ column_name }) => column_name)).toEqual(
      expect.arrayContaining(columns.split(' ')) as unknown,
    );
  });
}

test('rollcall.memberships_as_of gives the columns of current_memberships', async () => {
  await queryRows(
    database.db,
    sql`
      select
        principal, organization_id, organization_name, status, roles, permissions, since, seen_at,
        membership_id, two_factor_enforced, api_access, policies, parent_organization
      from rollcall.memberships_as_of(now())
      union select * from rollcall.current_memberships`,
  );
});

test('times have a zone, and sets are arrays of text', async () => {
  const found = await queryRows<{ column_name: string; type: string }>(
    database.db,
    sql`
      select column_name::text, coalesce(domain_name, udt_name)::text as type from information_schema.columns
      where table_schema = 'rollcall' and (data_type like 'timestamp%' or data_type = 'ARRAY')`,
  );

  expect(new Set(found.map(({ type }) => type))).toEqual(new Set(['timestamptz', '_text']));
});
