import { and, eq, sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { runs } from '../database/schema.ts';
import { RollcallError } from '../domain/errors.ts';
import { type Invitation } from '../domain/invitation.ts';
import { type Membership } from '../domain/membership.ts';
import { type ClaimedRun, type Evidence } from '../domain/run.ts';
import { type Baseline, findBaseline } from './baseline.ts';
import { extendChain, snapshotDigest } from './chain.ts';
import { insertChanges } from './diff.ts';
import { storeInvitations } from './invitations.ts';

/** What is kept with a run beside its snapshot. */
export interface RunRecord extends Partial<Evidence> {
  /** In words: why it ended as it did. */
  conclusion: string;
  /** What went wrong, or why it is held. */
  error?: string | null;
  /** `null` where the credentials may not read it. */
  cloudflareUserId?: string | null;
}

/** What a run saw, and is believed. */
export interface Observation {
  memberships: readonly Membership[];
  /** `null` where the credentials may not read them, or there was no need to. */
  invitations: readonly Invitation[] | null;
  /** When it was seen. */
  seenAt: Date;
  record: RunRecord;
  /** The baseline that it was compared with while it was read; another one by now makes it void. */
  baselineRunId: number | null;
  /** Whether the run is under way, or was held and is approved. */
  from: 'running' | 'held';
}

/** A snapshot as it was stored. */
export interface StoredSnapshot {
  run: ClaimedRun;
  /** `null` when this is the principal's first. */
  baseline: Baseline | null;
  finishedAt: Date;
  /** Memberships by status; `other` is any status this version does not know, or none. */
  counts: { members: number; invited: number; other: number };
  changes: number;
  chain: string;
}

/**
 * Makes what a run saw the principal's newest snapshot: changes against the baseline, intervals ended and opened,
 * the run complete. Call it within a transaction. Throws `busy` when the run is no longer its worker's, and
 * `incomplete` when the baseline moved.
 */
export async function storeSnapshot(
  tx: Database,
  run: ClaimedRun,
  seen: Observation,
): Promise<StoredSnapshot> {
  await keepClaim(tx, run, seen.from);
  const baseline = await findBaseline(tx, run.principal);
  if ((baseline?.runId ?? null) !== seen.baselineRunId) throw baselineMoved(run);
  const finishedAt = latest([
    seen.seenAt,
    run.startedAt,
    baseline === null ? null : justAfter(baseline.finishedAt),
  ]);
  await stageMemberships(tx, run.principalId, seen.memberships);
  if (seen.invitations !== null) await storeInvitations(tx, run, seen.invitations);
  const changes = baseline === null ? 0 : await storeChanges(tx, { run, baseline, finishedAt, seen });
  await endIntervals(tx, run, finishedAt);
  await openIntervals(tx, run, finishedAt);
  const chain = await completeRun(tx, { run, baseline, finishedAt, changes, seen });
  return { run, baseline, finishedAt, counts: await countByStatus(tx), changes, chain };
}

async function keepClaim(tx: Database, run: ClaimedRun, state: Observation['from']): Promise<void> {
  const [ours] = await tx
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.id, run.id), eq(runs.state, state)))
    .for('update');
  if (ours === undefined) {
    throw new RollcallError(
      'busy',
      `${run.principal}: run ${run.id} was given up for dead and its place taken; what it saw was not stored.`,
    );
  }
}

function baselineMoved(run: ClaimedRun): RollcallError {
  return new RollcallError(
    'incomplete',
    `${run.principal}: the baseline changed while run ${run.id} was under way. Nothing was stored.`,
  );
}

function latest(instants: readonly (Date | null)[]): Date {
  return new Date(Math.max(...instants.map((instant) => instant?.getTime() ?? 0)));
}

/** History runs forward even when a clock was set back. */
function justAfter(instant: Date): Date {
  return new Date(instant.getTime() + 1);
}

/** Puts what was seen beside the history, with what was left out this time as it was last known. */
async function stageMemberships(
  tx: Database,
  principalId: number,
  seen: readonly Membership[],
): Promise<void> {
  const rows = seen.map((membership) => ({
    organization_id: membership.organizationId,
    organization_name: membership.organizationName,
    status: membership.status,
    roles: membership.roles,
    permissions: membership.permissions,
  }));
  await tx.execute(sql`drop table if exists pg_temp.staged_memberships`);
  await tx.execute(sql`
    create temporary table staged_memberships (
      organization_id text primary key,
      organization_name text,
      status text,
      roles text[],
      permissions text[],
      is_listed boolean not null default true
    ) on commit drop`);
  await tx.execute(sql`
    insert into pg_temp.staged_memberships (organization_id, organization_name, status, roles, permissions)
    select
      organization_id,
      coalesce(seen.organization_name, known.organization_name),
      coalesce(seen.status, known.status),
      coalesce(seen.roles, known.roles),
      coalesce(seen.permissions, known.permissions)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as seen (
      organization_id text, organization_name text, status text, roles text[], permissions text[]
    )
    left join (
      select * from rollcall.memberships where principal_id = ${principalId} and ended_run_id is null
    ) as known using (organization_id)`);
}

interface Differing {
  run: ClaimedRun;
  baseline: Baseline;
  finishedAt: Date;
  seen: Observation;
}

async function storeChanges(tx: Database, { run, baseline, finishedAt, seen }: Differing): Promise<number> {
  const found = { baseline, finishedAt, invitationsWereRead: seen.invitations !== null };
  const [stored] = await queryRows<{ changes: number }>(tx, insertChanges(run, found));
  return stored?.changes ?? 0;
}

async function endIntervals(tx: Database, run: ClaimedRun, finishedAt: Date): Promise<void> {
  await tx.execute(sql`
    update rollcall.memberships as known
    set ended_run_id = ${run.id}, valid_to = ${finishedAt.toISOString()}::timestamptz
    where known.principal_id = ${run.principalId} and known.ended_run_id is null
      and not exists (
        select from pg_temp.staged_memberships as seen
        where seen.organization_id = known.organization_id
          and (seen.organization_name, seen.status, seen.roles, seen.permissions)
            is not distinct from (known.organization_name, known.status, known.roles, known.permissions)
      )`);
}

async function openIntervals(tx: Database, run: ClaimedRun, finishedAt: Date): Promise<void> {
  await tx.execute(sql`
    insert into rollcall.memberships (
      principal_id, organization_id, organization_name, status, roles, permissions, first_run_id, valid_from
    )
    select
      ${run.principalId}, organization_id, organization_name, status, roles, permissions,
      ${run.id}, ${finishedAt.toISOString()}::timestamptz
    from pg_temp.staged_memberships as seen
    where not exists (
      select from rollcall.memberships as known
      where known.principal_id = ${run.principalId} and known.ended_run_id is null
        and known.organization_id = seen.organization_id
    )`);
}

interface Completion {
  run: ClaimedRun;
  baseline: Baseline | null;
  finishedAt: Date;
  changes: number;
  seen: Observation;
}

async function completeRun(
  tx: Database,
  { run, baseline, finishedAt, changes, seen }: Completion,
): Promise<string> {
  const link = { previous: baseline?.chain ?? null, runId: run.id, principal: run.principal, finishedAt };
  const [complete] = await tx
    .update(runs)
    .set({
      state: 'complete',
      finishedAt,
      baselineRunId: baseline?.runId ?? null,
      organizations: seen.memberships.length,
      changes,
      ...seen.record,
      digest: snapshotDigest,
      chain: extendChain(link, snapshotDigest),
    })
    .where(eq(runs.id, run.id))
    .returning({ chain: runs.chain });
  if (complete?.chain == null) throw new Error(`Run ${run.id} vanished while it was stored.`);
  return complete.chain;
}

async function countByStatus(tx: Database): Promise<StoredSnapshot['counts']> {
  const [counts] = await queryRows<StoredSnapshot['counts']>(
    tx,
    sql`
      select
        count(*) filter (where status = 'member')::int as members,
        count(*) filter (where status = 'invited')::int as invited,
        count(*) filter (where status is null or status not in ('member', 'invited'))::int as other
      from pg_temp.staged_memberships`,
  );
  return counts ?? { members: 0, invited: 0, other: 0 };
}
