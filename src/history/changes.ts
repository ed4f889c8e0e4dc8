import { and, asc, desc, eq, gte, inArray, lt, type SQL } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { changes, principals } from '../database/schema.ts';
import { type SuperAdministratorStep } from '../domain/access.ts';
import { type Change, type ChangeKind } from '../domain/change.ts';

/** What to find; everything that is left out is not narrowed. */
export interface ChangeFilter {
  runId?: number;
  /** First seen at this instant or later. */
  since?: Date;
  /** First seen before this instant. */
  until?: Date;
  principal?: string;
  /** Of any of these. */
  organizationIds?: readonly string[];
  kind?: ChangeKind;
  /** To Super Administrator, any of these. */
  superAdministrator?: readonly SuperAdministratorStep[];
  /** How many at most: the newest. */
  limit?: number;
}

/** Changes in the order in which they were stored. */
export async function listChanges(db: Database, filter: ChangeFilter): Promise<Change[]> {
  const question = db
    .select({ change: changes, principal: principals.name })
    .from(changes)
    .innerJoin(principals, eq(principals.id, changes.principalId))
    .where(and(...conditionsOf(filter)));
  const found =
    filter.limit === undefined
      ? await question.orderBy(asc(changes.id))
      : (await question.orderBy(desc(changes.id)).limit(filter.limit)).reverse();
  return found.map(({ change: { principalId: _, ...change }, principal }) => ({ ...change, principal }));
}

function conditionsOf(filter: ChangeFilter): SQL[] {
  const { runId, since, until, principal, organizationIds, kind, superAdministrator } = filter;
  return [
    runId === undefined ? null : eq(changes.runId, runId),
    since === undefined ? null : gte(changes.notAfter, since),
    until === undefined ? null : lt(changes.notAfter, until),
    principal === undefined ? null : eq(principals.name, principal),
    organizationIds === undefined ? null : inArray(changes.organizationId, [...organizationIds]),
    kind === undefined ? null : eq(changes.kind, kind),
    superAdministrator === undefined ? null : inArray(changes.superAdministrator, [...superAdministrator]),
  ].filter((condition) => condition !== null);
}
