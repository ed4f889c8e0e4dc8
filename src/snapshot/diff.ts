import { sql, type SQL } from 'drizzle-orm';
import { type ClaimedRun } from '../domain/run.ts';
import { type Baseline } from './baseline.ts';

/** What the staged memberships are compared with, and when they were seen. */
export interface Comparison {
  baseline: Baseline;
  finishedAt: Date;
  /** Whether one that is missing now was withdrawn, rather than not looked for. */
  invitationsWereRead: boolean;
}

/**
 * The statement that stores the changes between the open memberships and the staged ones, and counts them.
 *
 * A set is compared as a set, and a value that was not known before is no change. Who comes gains the roles it comes
 * with, and who goes loses those it had: access gained and lost can be read from one column. The window opens where the
 * baseline began to look and closes at `finishedAt`: what changed did so in between. Whatever is sorted is so by
 * code point, since a database's own order is that of some language.
 */
export function insertChanges(run: ClaimedRun, comparison: Comparison): SQL {
  const { baseline, finishedAt } = comparison;
  return sql`
    with ${transitions},
    known as (
      select * from rollcall.memberships
      where principal_id = ${run.principalId} and ended_run_id is null
    ),
    pair as (
      select
        organization_id,
        coalesce(seen.organization_name, known.organization_name) as organization_name,
        known.id is not null and seen.is_listed is not null as in_both,
        case when known.id is null then 'absent' else coalesce(known.status, 'unknown') end as status_before,
        case when seen.is_listed is null then 'absent' else coalesce(seen.status, 'unknown') end as status_after,
        known.organization_name as name_before, seen.organization_name as name_after,
        known.roles as roles_before, seen.roles as roles_after,
        known.permissions as permissions_before, seen.permissions as permissions_after
      from known full join pg_temp.staged_memberships as seen using (organization_id)
    ),
    difference as (
      select
        organization_id, organization_name,
        coalesce(transition.category, 'membership') as category,
        coalesce(transition.kind, 'status_changed') as kind,
        status_before as before, status_after as after,
        case when status_before = 'absent' then coalesce(roles_after, '{}') else '{}' end as added,
        case when status_after = 'absent' then coalesce(roles_before, '{}') else '{}' end as removed
      from pair left join transition on transition.before = status_before and transition.after = status_after
      where status_before <> status_after
      union all
      select organization_id, organization_name, 'membership', 'renamed', name_before, name_after, '{}', '{}'
      from pair where in_both and name_before <> name_after
      union all
      ${setDifference('roles')}
      union all
      ${setDifference('permissions')}
    ),
    stored as (
      insert into rollcall.changes (
        run_id, baseline_run_id, principal_id, organization_id, organization_name, category, kind,
        before, after, added, removed, not_before, not_after, "returning", by_us,
        invited_by, invited_on, expires_on, gone_because
      )
      select
        ${run.id}, ${baseline.runId}, ${run.principalId},
        difference.organization_id, organization_name, category, kind, before, after, added, removed,
        ${baseline.startedAt.toISOString()}::timestamptz, ${finishedAt.toISOString()}::timestamptz,
        before = 'absent' and ${wasThereBefore(run)}, ours,
        invitation.invited_by, invitation.invited_on, invitation.expires_on,
        case when kind = 'invitation_gone' then ${whyGone(run, comparison)} end
      from difference
      cross join lateral (select after = 'absent' and ${leftByUs(run, baseline)} as ours) as departure
      left join lateral (${newestInvitation(run)}) as invitation on difference.category = 'invitation'
      order by difference.organization_id collate "C", kind collate "C"
      returning 1
    )
    select count(*)::int as changes from stored`;
}

/** What a step from one status to another is called; any other step is to or from a status unknown to this version. */
const transitions = sql`
    transition (before, after, category, kind) as (
      values
        ('absent', 'member', 'membership', 'joined'),
        ('member', 'absent', 'membership', 'left'),
        ('absent', 'invited', 'invitation', 'invited'),
        ('invited', 'member', 'invitation', 'invitation_accepted'),
        ('invited', 'absent', 'invitation', 'invitation_gone'),
        ('member', 'invited', 'invitation', 'invitation_replaced_membership')
    )`;

function setDifference(field: 'roles' | 'permissions'): SQL {
  const before = sql.identifier(`${field}_before`);
  const after = sql.identifier(`${field}_after`);
  return sql`
    select
      organization_id, organization_name, 'membership', ${sql.raw(`'${field}_changed'`)},
      array_to_string(${before}, '; '), array_to_string(${after}, '; '),
      array(select unnest(${after}) collate "C" except select unnest(${before}) order by 1),
      array(select unnest(${before}) collate "C" except select unnest(${after}) order by 1)
    from pair where in_both and ${before} <> ${after}`;
}

function wasThereBefore(run: ClaimedRun): SQL {
  return sql`exists (
    select from rollcall.memberships as earlier
    where earlier.principal_id = ${run.principalId} and earlier.organization_id = difference.organization_id
  )`;
}

function leftByUs(run: ClaimedRun, baseline: Baseline): SQL {
  return sql`exists (
    select from rollcall.departures as departure
    where departure.principal_id = ${run.principalId} and departure.organization_id = difference.organization_id
      and departure.requested_at >= ${baseline.startedAt.toISOString()}::timestamptz and departure.outcome <> 'refused'
  )`;
}

function newestInvitation(run: ClaimedRun): SQL {
  return sql`
    select * from rollcall.invitations as invitation
    where invitation.principal_id = ${run.principalId} and invitation.organization_id = difference.organization_id
    order by invitation.invited_on desc nulls last, invitation.id desc
    limit 1`;
}

/** What can be told of an invitation that is gone; null when nothing can. */
function whyGone(run: ClaimedRun, { finishedAt, invitationsWereRead }: Comparison): SQL {
  return sql`case
    when ours or invitation.status = 'rejected' then 'declined'
    when invitation.status = 'expired' or invitation.expires_on <= ${finishedAt.toISOString()}::timestamptz then 'expired'
    when ${invitationsWereRead}::boolean and invitation.last_run_id <> ${run.id} then 'withdrawn'
  end`;
}
