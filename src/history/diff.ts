import { and, asc, eq, gt, inArray, lte, or, sql, type SQL } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { readDifferences } from '../database/differences.ts';
import { chunksOf, fieldList } from '../database/membership-columns.ts';
import { changes, memberships } from '../database/schema.ts';
import { type Change, type Difference } from '../domain/change.ts';
import { comparedFields } from '../domain/compared-fields.ts';
import { tellDifferences } from '../domain/difference.ts';
import { type ComparedRuns } from './compared-runs.ts';

/**
 * What differs between the snapshots of two complete runs, from the first to the second, as changes without an id: by
 * organization id and kind. Their window is that of both runs. What is known around a change, such as who had invited or
 * that the departure was ours, is told from the older to the newer.
 */
export async function diffRuns(db: Database, compared: ComparedRuns): Promise<Change[]> {
  return db.transaction(
    async (tx) => {
      const rolls = { baseline: onlyIn(compared, 'from'), seen: onlyIn(compared, 'to') };
      const fields = comparedFields(compared.from.source, compared.to.source);
      const differences: Difference[] = [];
      for await (const pairs of readDifferences(tx, rolls))
        differences.push(...pairs.flatMap((pair) => tellDifferences(pair, fields)));
      const known = await readCircumstances(tx, compared, differences);
      return differences.map((difference) => tellChange(difference, compared, known));
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

/** The snapshot of one of the runs without the intervals that both of them saw, which cannot differ. */
function onlyIn({ principalId, from, to }: ComparedRuns, side: 'from' | 'to'): SQL {
  const [own, other] = side === 'from' ? [from.id, to.id] : [to.id, from.id];
  const isNotInOther =
    own < other
      ? sql`first_run_id <= ${own} and ended_run_id > ${own} and ended_run_id <= ${other}`
      : sql`first_run_id <= ${own} and first_run_id > ${other} and (ended_run_id is null or ended_run_id > ${own})`;
  return sql`(
    select organization_id, ${fieldList()} from rollcall.memberships
    where principal_id = ${principalId} and ${isNotInOther}
  )`;
}

/** What the history knows around the differences at an organization. */
interface Circumstances {
  /** Organizations that the principal had been in and left before the older run. */
  wereHere: ReadonlySet<string>;
  /** The newest change between the runs that is about an invitation, by organization. */
  invitations: ReadonlyMap<string, StoredChange>;
  /** The newest change between the runs in which the membership went, by organization. */
  departures: ReadonlyMap<string, StoredChange>;
}

type StoredChange = typeof changes.$inferSelect;

async function readCircumstances(
  tx: Database,
  { principalId, from, to }: ComparedRuns,
  differences: readonly Difference[],
): Promise<Circumstances> {
  const wereHere = new Set<string>();
  const invitations = new Map<string, StoredChange>();
  const departures = new Map<string, StoredChange>();
  if (from.id > to.id) return { wereHere, invitations, departures };
  const about = differences.filter(({ came, went, category }) => came || went || category === 'invitation');
  for (const ids of chunksOf([...new Set(about.map(({ organizationId }) => organizationId))])) {
    const earlier = await tx
      .selectDistinct({ id: memberships.organizationId })
      .from(memberships)
      .where(
        and(
          inArray(memberships.organizationId, ids),
          eq(memberships.principalId, principalId),
          lte(memberships.endedRunId, from.id),
        ),
      );
    for (const { id } of earlier) wereHere.add(id);
    const between = await tx
      .select()
      .from(changes)
      .where(
        and(
          inArray(changes.organizationId, ids),
          eq(changes.principalId, principalId),
          gt(changes.runId, from.id),
          lte(changes.runId, to.id),
          or(eq(changes.category, 'invitation'), eq(changes.after, 'absent')),
        ),
      )
      .orderBy(asc(changes.id));
    for (const change of between) {
      if (change.category === 'invitation') invitations.set(change.organizationId, change);
      if (change.after === 'absent') departures.set(change.organizationId, change);
    }
  }
  return { wereHere, invitations, departures };
}

function tellChange(
  { came, went, ...told }: Difference,
  { principal, from, to }: ComparedRuns,
  { wereHere, invitations, departures }: Circumstances,
): Change {
  const departure = went ? departures.get(told.organizationId) : undefined;
  const invitation = told.category === 'invitation' ? invitations.get(told.organizationId) : undefined;
  const [older, newer] = from.id < to.id ? [from, to] : [to, from];
  return {
    id: null,
    runId: to.id,
    baselineRunId: from.id,
    principal,
    ...told,
    notBefore: older.startedAt,
    notAfter: newer.finishedAt,
    returning: came && wereHere.has(told.organizationId),
    byUs: departure?.byUs ?? false,
    invitedBy: invitation?.invitedBy ?? null,
    invitedOn: invitation?.invitedOn ?? null,
    expiresOn: invitation?.expiresOn ?? null,
    goneBecause: told.kind === 'invitation_gone' ? (invitation?.goneBecause ?? null) : null,
  };
}
