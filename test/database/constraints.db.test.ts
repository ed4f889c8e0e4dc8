import { type SQL, sql } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { endRunShort } from '../../src/schedule/claim.ts';
import { acme, aMembership, claim, evidence, globex, night, takeNight } from '../support/nights.ts';
import { checkViolation, foreignKeyViolation, refusalOf, uniqueViolation } from '../support/refusal.ts';

const database = useDatabase();

/**
 * Runs 1 and 2 are ops-bot's first nights, with Acme since the first and Initech in that alone; run 3 is legacy's, and run
 * 4 of ops-bot failed.
 */
beforeEach(async () => {
  await takeNight(database.db, [aMembership(), aMembership({ organizationId: initech })], {
    principal: 'ops-bot',
    at: night(1),
  });
  await takeNight(database.db, [aMembership()], { principal: 'ops-bot', at: night(2) });
  await takeNight(database.db, [], { principal: 'legacy', at: night(3) });
  const failed = await claim(database.db, { principal: 'ops-bot', at: night(4) });
  await endRunShort(database.db, failed, { state: 'failed', error: 'no answer', evidence, now: night(4) });
});

const initech = '9a7806061c88ada191ed06f989cc3dac';

const opsBot = sql`(select id from rollcall.principals where name = 'ops-bot')`;

const membershipIn = (organizationId: string, interval: SQL, after: string | null = null) => sql`
  insert into rollcall.memberships
    (principal_id, organization_id, first_run_id, ended_run_id, valid_from, valid_to, previous_valid_to)
  values (${opsBot}, ${organizationId}, ${interval}, ${after === null ? sql`null` : sql`${after}::timestamptz`})`;

const change = ({
  run = sql`2`,
  baseline = sql`1`,
  category = 'membership',
  kind = 'joined',
}: {
  run?: SQL;
  baseline?: SQL;
  category?: string;
  kind?: string;
}) => sql`
  insert into rollcall.changes
    (run_id, baseline_run_id, principal_id, organization_id, category, kind, not_before, not_after)
  values (${run}, ${baseline}, ${opsBot}, ${acme}, ${category}, ${kind}, now(), now())`;

const refusals: Record<string, [statement: SQL, code: string, constraint: string]> = {
  'a second open membership in one organization': [
    membershipIn(acme, sql`2, null, '2026-08-02T02:00:00Z', null`),
    uniqueViolation,
    'memberships_one_open_for_each_organization',
  ],
  'an interval that overlaps another of the same membership': [
    membershipIn(acme, sql`1, 2, '2026-08-01T12:00:00Z', '2026-08-02T02:00:00Z'`),
    uniqueViolation,
    'memberships_one_after_each',
  ],
  'an interval that begins before the one before it ended': [
    membershipIn(initech, sql`1, 2, '2026-08-02T01:00:00Z', '2026-08-03T02:00:00Z'`, '2026-08-02T02:00:00Z'),
    checkViolation,
    'memberships_after_the_one_before',
  ],
  'an interval after one that is not there': [
    membershipIn(initech, sql`2, null, '2026-08-03T02:00:00Z', null`, '2026-08-02T03:00:00Z'),
    foreignKeyViolation,
    'memberships_previous_fkey',
  ],
  'an interval after one of another membership': [
    membershipIn(globex, sql`2, null, '2026-08-03T02:00:00Z', null`, '2026-08-02T02:00:00Z'),
    foreignKeyViolation,
    'memberships_previous_fkey',
  ],
  'two intervals after one': [
    sql`
      with first as (${membershipIn(initech, sql`2, null, '2026-08-03T02:00:00Z', null`, '2026-08-02T02:00:00Z')})
      ${membershipIn(initech, sql`1, 2, '2026-08-02T02:00:00Z', '2026-08-03T02:00:00Z'`, '2026-08-02T02:00:00Z')}`,
    uniqueViolation,
    'memberships_one_after_each',
  ],
  'an interval that ends before it begins': [
    membershipIn(globex, sql`1, 2, '2026-08-02T02:00:00Z', '2026-08-01T02:00:00Z'`),
    checkViolation,
    'memberships_valid_forward',
  ],
  'an interval ended by the run that opened it': [
    membershipIn(globex, sql`2, 2, '2026-08-01T02:00:00Z', '2026-08-02T02:00:00Z'`),
    checkViolation,
    'memberships_ended_by_a_later_run',
  ],
  'an interval that ended, by no run': [
    membershipIn(globex, sql`1, null, '2026-08-01T02:00:00Z', '2026-08-02T02:00:00Z'`),
    checkViolation,
    'memberships_open_or_ended',
  ],
  'a membership first seen by another principal’s run': [
    membershipIn(globex, sql`3, null, '2026-08-03T02:00:00Z', null`),
    foreignKeyViolation,
    'memberships_first_run_fkey',
  ],
  'a membership ended by another principal’s run': [
    membershipIn(globex, sql`1, 3, '2026-08-01T02:00:00Z', '2026-08-03T02:00:00Z'`),
    foreignKeyViolation,
    'memberships_ended_run_fkey',
  ],
  'a change of a run that is not there': [change({ run: sql`99` }), foreignKeyViolation, 'changes_run_fkey'],
  'a change of another principal’s run': [change({ run: sql`3` }), foreignKeyViolation, 'changes_run_fkey'],
  'a change of a run that is not complete': [
    change({ run: sql`4` }),
    foreignKeyViolation,
    'changes_run_fkey',
  ],
  'a membership first seen by a run that is not complete': [
    membershipIn(globex, sql`4, null, '2026-08-04T02:00:00Z', null`),
    foreignKeyViolation,
    'memberships_first_run_fkey',
  ],
  'a membership ended by a run that is not complete': [
    membershipIn(globex, sql`1, 4, '2026-08-01T02:00:00Z', '2026-08-04T02:00:00Z'`),
    foreignKeyViolation,
    'memberships_ended_run_fkey',
  ],
  'a link by a run that is not complete': [
    sql`update rollcall.runs set seal = 's', linked_by = 5 where id = 4`,
    foreignKeyViolation,
    'runs_linked_by_fkey',
  ],
  'a link by an earlier run': [
    sql`update rollcall.runs set linked_by = 2 where id = 4`,
    checkViolation,
    'runs_linked_by_a_later_run',
  ],
  'a link of what has no seal': [
    sql`update rollcall.runs set seal = null, linked_by = 5 where id = 4`,
    checkViolation,
    'runs_linked_by_a_later_run',
  ],
  'a report linked by another principal’s run': [
    sql`
      insert into rollcall.reports (run_id, principal_id, kind, subject, text, html, linked_by)
      values (1, ${opsBot}, 'changes', '', '', '', 3)`,
    foreignKeyViolation,
    'reports_linked_by_fkey',
  ],
  'a delivery without a report': [
    sql`insert into rollcall.deliveries (report_id, recipient, message_id) values (99, 'a@example.com', 'm')`,
    foreignKeyViolation,
    'deliveries_report_id_reports_id_fk',
  ],
  'a change against itself': [change({ baseline: sql`2` }), checkViolation, 'changes_baseline_is_earlier'],
  'an invitation’s kind among the memberships': [
    change({ category: 'membership', kind: 'invited' }),
    checkViolation,
    'changes_kind_fits_category',
  ],
  'a kind nobody knows': [change({ kind: 'vanished' }), checkViolation, 'changes_kind_fits_category'],
  'a run that is complete without a digest': [
    sql`update rollcall.runs set digest = null where id = 1`,
    checkViolation,
    'runs_complete_have_a_snapshot',
  ],
  'a second complete run on one baseline': [
    sql`
      insert into rollcall.runs (principal_id, trigger, state, started_at, finished_at, baseline_run_id, organizations, changes, digest, digest_version, chain)
      values (${opsBot}, 'manual', 'complete', now(), now(), 1, 0, 0, '', 2, '')`,
    uniqueViolation,
    'runs_one_complete_on_each_baseline',
  ],
  'a second first run': [
    sql`
      insert into rollcall.runs (principal_id, trigger, state, started_at, finished_at, organizations, changes, digest, digest_version, chain)
      values (${opsBot}, 'manual', 'complete', now(), now(), 0, 0, '', 2, '')`,
    uniqueViolation,
    'runs_one_complete_on_each_baseline',
  ],
  'a superseded run that does not say by which': [
    sql`update rollcall.runs set state = 'superseded', chain = null where id = 1`,
    checkViolation,
    'runs_superseded_say_by_what',
  ],
  'a finished run that is running': [
    sql`update rollcall.runs set state = 'running', chain = null where id = 1`,
    checkViolation,
    'runs_running_until_finished',
  ],
  'a run that ended before it started': [
    sql`update rollcall.runs set finished_at = started_at - interval '1 second' where id = 1`,
    checkViolation,
    'runs_finish_after_start',
  ],
  'a failed run that does not say why': [
    sql`update rollcall.runs set state = 'failed', chain = null where id = 1`,
    checkViolation,
    'runs_ended_short_say_why',
  ],
  'a failed run that extends the chain': [
    sql`update rollcall.runs set state = 'failed', error = 'it failed' where id = 1`,
    checkViolation,
    'runs_only_complete_extend_the_chain',
  ],
  'a scheduled run without a slot': [
    sql`update rollcall.runs set trigger = 'schedule' where id = 1`,
    checkViolation,
    'runs_slot_unless_manual',
  ],
  'a state nobody knows': [
    sql`update rollcall.runs set state = 'done', chain = null where id = 1`,
    checkViolation,
    'runs_state_known',
  ],
  'a report with a CSV and no checksum': [
    sql`insert into rollcall.reports (run_id, kind, subject, text, html, csv) values (1, 'changes', '', '', '', '')`,
    checkViolation,
    'reports_csv_whole',
  ],
  'a report about no run': [
    sql`insert into rollcall.reports (kind, subject, text, html) values ('changes', '', '', '')`,
    checkViolation,
    'reports_about_a_run_or_its_absence',
  ],
  'a digest that was due at no time': [
    sql`insert into rollcall.reports (kind, subject, text, html) values ('digest', '', '', '')`,
    checkViolation,
    'reports_digest_has_a_slot',
  ],
};

for (const [what, [statement, code, constraint]] of Object.entries(refusals)) {
  test(`Postgres refuses ${what}`, async () => {
    expect(await refusalOf(database.db, statement)).toEqual({ code, constraint });
  });
}

test('Postgres refuses a change without a run, and to take away a run that others refer to, or that it was complete', async () => {
  expect(await refusalOf(database.db, change({ run: sql`null` }))).toMatchObject({ code: '23502' });
  const noMore = [
    sql`delete from rollcall.runs where id = 1`,
    sql`update rollcall.runs set state = 'failed', error = 'it failed', chain = null where id = 1`,
  ];
  for (const statement of noMore)
    expect(await refusalOf(database.db, statement)).toMatchObject({ code: foreignKeyViolation });
});
