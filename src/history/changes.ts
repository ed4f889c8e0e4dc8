import { and, asc, eq, gte, lt, type SQL } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { changes, principals } from '../database/schema.ts';
import { type Change, type ChangeKind } from '../domain/change.ts';

/** What to find; everything that is left out is not narrowed. */
export interface ChangeFilter {
  runId?: number;
  /** First seen at this instant or later. */
  since?: Date;
  /** First seen before this instant. */
  until?: Date;
  principal?: string;
  organizationId?: string;
  kind?: ChangeKind;
}

/** Changes in the order in which they were stored. */
export async function listChanges(db: Database, filter: ChangeFilter): Promise<Change[]> {
  const found = await db
    .select({ change: changes, principal: principals.name })
    .from(changes)
    .innerJoin(principals, eq(principals.id, changes.principalId))
    .where(and(...conditionsOf(filter)))
    .orderBy(asc(changes.id));
  return found.map(({ change: { principalId: _, ...change }, principal }) => ({ ...change, principal }));
}

function conditionsOf({ runId, since, until, principal, organizationId, kind }: ChangeFilter): SQL[] {
  return [
    runId === undefined ? null : eq(changes.runId, runId),
    since === undefined ? null : gte(changes.notAfter, since),
    until === undefined ? null : lt(changes.notAfter, until),
    principal === undefined ? null : eq(principals.name, principal),
    organizationId === undefined ? null : eq(changes.organizationId, organizationId),
    kind === undefined ? null : eq(changes.kind, kind),
  ].filter((condition) => condition !== null);
}
