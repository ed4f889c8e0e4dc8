import { and, asc, desc, eq, gte, inArray, lt, min, ne, sql, type SQL } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { type Database } from '../database/database.ts';
import { changes, invitations, memberships, principals, runs } from '../database/schema.ts';
import {
  type AuditedHistory,
  type AuditedPrincipal,
  type AuditedRun,
  type AuditScope,
  type Interval,
  type Seam,
  type SentInvitation,
} from '../domain/audit.ts';
import { type Gap } from '../domain/gap.ts';
import { fieldNames, type Membership } from '../domain/membership.ts';
import { listChanges } from './changes.ts';
import { listGaps } from './gaps.ts';

/**
 * Reads all that an audit of this scope tells, in one read-only transaction: nothing in it is of another instant. `now` is
 * the end of a scope that has none.
 */
export async function readAudit(db: Database, scope: AuditScope, now: Date): Promise<AuditedHistory> {
  return db.transaction(
    async (tx) => {
      const audited = await listAudited(tx, scope);
      const { since: _, ...untilThen } = scope;
      return {
        principals: audited,
        intervals: await listIntervals(tx, scope),
        changes: await listChanges(tx, scope),
        superAdministratorChanges: await listChanges(tx, {
          ...untilThen,
          superAdministrator: ['gained', 'lost'],
        }),
        invitations: await listInvitations(tx, scope),
        runs: await listAuditedRuns(tx, scope),
        seams: await listSeams(tx, scope),
        gaps: await listAuditedGaps(tx, scope, now),
      };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

function ofPrincipal({ principal }: AuditScope): SQL | undefined {
  return principal === undefined ? undefined : eq(principals.name, principal);
}

async function listAudited(tx: Database, scope: AuditScope): Promise<AuditedPrincipal[]> {
  const ended = scope.until === undefined ? undefined : lt(runs.finishedAt, scope.until);
  const complete = await tx
    .select({
      principalId: runs.principalId,
      observedSince: min(runs.finishedAt),
      newest: sql<number>`max(${runs.id})::float8`,
    })
    .from(runs)
    .where(and(eq(runs.state, 'complete'), ended))
    .groupBy(runs.principalId);
  const newest = await tx
    .select({ principalId: runs.principalId, id: runs.id, finishedAt: runs.finishedAt, chain: runs.chain })
    .from(runs)
    .where(
      inArray(
        runs.id,
        complete.map((one) => one.newest),
      ),
    );
  const found = await tx.select().from(principals).where(ofPrincipal(scope)).orderBy(asc(principals.name));
  return found.map(({ id, name, cloudflareUserId, retiredAt }) => {
    const last = newest.find(({ principalId }) => principalId === id);
    return {
      principal: name,
      cloudflareUserId,
      retiredAt: isBefore(retiredAt, scope.until) ? retiredAt : null,
      observedSince: complete.find(({ principalId }) => principalId === id)?.observedSince ?? null,
      newest:
        last?.finishedAt == null || last.chain === null
          ? null
          : { runId: last.id, finishedAt: last.finishedAt, chain: last.chain },
    };
  });
}

function isBefore(instant: Date | null, end: Date | undefined): boolean {
  return instant !== null && (end === undefined || instant < end);
}

/** The intervals of every membership that is or was held in the period, also those before it: they tell since when. */
async function listIntervals(tx: Database, scope: AuditScope): Promise<Interval[]> {
  const { since, until } = scope;
  const inPeriod =
    since === undefined
      ? undefined
      : sql`exists (
          select 1 from rollcall.memberships as own
          where own.principal_id = ${memberships.principalId} and own.organization_id = ${memberships.organizationId}
            and (own.valid_to is null or own.valid_to >= ${since.toISOString()}::timestamptz)
        )`;
  const found = await tx
    .select({ membership: memberships, principal: principals.name })
    .from(memberships)
    .innerJoin(principals, eq(principals.id, memberships.principalId))
    .where(
      and(until === undefined ? undefined : lt(memberships.validFrom, until), inPeriod, ofPrincipal(scope)),
    )
    .orderBy(asc(principals.name), asc(memberships.organizationId), asc(memberships.validFrom));
  return found.map(({ membership, principal }) => {
    const isOver = isBefore(membership.validTo, until);
    return {
      principal,
      ...membershipOf(membership),
      firstRunId: membership.firstRunId,
      endedRunId: isOver ? membership.endedRunId : null,
      from: membership.validFrom,
      to: isOver ? membership.validTo : null,
    };
  });
}

function membershipOf(interval: typeof memberships.$inferSelect): Membership {
  const fields = fieldNames.map((field) => [field, interval[field]]);
  return { organizationId: interval.organizationId, ...Object.fromEntries(fields) } as Membership;
}

/** As the change that told of it has them, or else as the invitation was last seen. */
async function listInvitations(tx: Database, scope: AuditScope): Promise<SentInvitation[]> {
  const told = await tx
    .selectDistinctOn([changes.principalId, changes.organizationId], {
      principal: principals.name,
      organizationId: changes.organizationId,
      invitedBy: changes.invitedBy,
      invitedOn: changes.invitedOn,
      expiresOn: changes.expiresOn,
    })
    .from(changes)
    .innerJoin(principals, eq(principals.id, changes.principalId))
    .where(
      and(
        eq(changes.after, 'invited'),
        scope.until === undefined ? undefined : lt(changes.notAfter, scope.until),
        ofPrincipal(scope),
      ),
    )
    .orderBy(changes.principalId, changes.organizationId, desc(changes.id));
  const seen = await tx
    .selectDistinctOn([invitations.principalId, invitations.organizationId], {
      principal: principals.name,
      organizationId: invitations.organizationId,
      invitedBy: invitations.invitedBy,
      invitedOn: invitations.invitedOn,
      expiresOn: invitations.expiresOn,
    })
    .from(invitations)
    .innerJoin(principals, eq(principals.id, invitations.principalId))
    .where(
      and(
        eq(invitations.status, 'pending'),
        scope.until === undefined ? undefined : lt(invitations.invitedOn, scope.until),
        ofPrincipal(scope),
      ),
    )
    .orderBy(invitations.principalId, invitations.organizationId, desc(invitations.lastRunId));
  const isTold = new Set(
    told
      .filter(({ invitedOn }) => invitedOn !== null)
      .map(({ principal, organizationId }) => `${organizationId} ${principal}`),
  );
  return [
    ...told.filter(({ invitedOn }) => invitedOn !== null),
    ...seen.filter(({ principal, organizationId }) => !isTold.has(`${organizationId} ${principal}`)),
  ];
}

async function listAuditedRuns(tx: Database, scope: AuditScope): Promise<AuditedRun[]> {
  const { since, until } = scope;
  return tx
    .select({
      id: runs.id,
      principal: principals.name,
      state: runs.state,
      trigger: runs.trigger,
      source: runs.source,
      slot: runs.slot,
      startedAt: runs.startedAt,
      finishedAt: runs.finishedAt,
      organizations: runs.organizations,
      changes: runs.changes,
      error: runs.error,
      conclusion: runs.conclusion,
      chain: runs.chain,
    })
    .from(runs)
    .innerJoin(principals, eq(principals.id, runs.principalId))
    .where(
      and(
        since === undefined ? undefined : gte(runs.startedAt, since),
        until === undefined ? undefined : lt(runs.startedAt, until),
        ofPrincipal(scope),
      ),
    )
    .orderBy(asc(runs.id));
}

async function listSeams(tx: Database, scope: AuditScope): Promise<Seam[]> {
  const baseline = alias(runs, 'baseline');
  const ended = scope.until === undefined ? undefined : lt(runs.finishedAt, scope.until);
  const found = await tx
    .select({ principal: principals.name, runId: runs.id, at: runs.finishedAt, source: runs.source })
    .from(runs)
    .innerJoin(principals, eq(principals.id, runs.principalId))
    .innerJoin(baseline, eq(baseline.id, runs.baselineRunId))
    .where(and(eq(runs.state, 'complete'), ne(baseline.source, runs.source), ended, ofPrincipal(scope)))
    .orderBy(asc(runs.id));
  return found.flatMap(({ at, ...seam }) => (at === null ? [] : [{ ...seam, at }]));
}

async function listAuditedGaps(tx: Database, scope: AuditScope, now: Date): Promise<Gap[]> {
  const { since, until, principal } = scope;
  const filter = {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(principal === undefined ? {} : { principals: [principal] }),
  };
  const gaps = await listGaps(tx, filter, until === undefined || until > now ? now : until);
  return gaps.map((gap) =>
    isBefore(gap.to, until)
      ? gap
      : { ...gap, to: null, retiredAt: isBefore(gap.retiredAt, until) ? gap.retiredAt : null },
  );
}
