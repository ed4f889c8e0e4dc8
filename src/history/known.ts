import { asc, eq, min, sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { checkpoints, memberships, principals, runs } from '../database/schema.ts';
import { isSuperAdministrator } from '../domain/access.ts';
import { RollcallError } from '../domain/errors.ts';
import { didYouMean, foldCase } from '../domain/nearest.ts';
import { visible } from '../domain/visible.ts';
import { namesSuperAdministratorSql } from './super-administrator.ts';

/** Throws `usage` for a principal that is neither in the history nor configured, and names the nearest, or those there are. */
export async function requirePrincipal(
  db: Database,
  name: string,
  configured: readonly string[],
): Promise<void> {
  const found = await db.select({ name: principals.name }).from(principals).orderBy(asc(principals.name));
  const known = [...new Set([...found.map((one) => one.name), ...configured])];
  if (known.includes(name)) return;
  const there = known.length === 0 ? ' There is none yet.' : ` There are: ${known.join(', ')}.`;
  throw new RollcallError('usage', `No principal is called ${name}.${didYouMean(name, known) || there}`);
}

/** The id of a principal; 0, which none has, for one that is configured and never ran. */
export async function findPrincipalId(db: Database, name: string): Promise<number> {
  const [found] = await db.select({ id: principals.id }).from(principals).where(eq(principals.name, name));
  return found?.id ?? 0;
}

/** An organization that was seen, under one of the names that it has had. */
interface NamedOrganization {
  id: string;
  name: string | null;
}

/**
 * The ids of the organizations of that id or name, whole and whatever the case; of all that ever had it where several did.
 * Throws `usage` when none is known, and names the nearest.
 */
export async function findOrganizations(db: Database, idOrName: string): Promise<string[]> {
  const isKnown = await db
    .select({ id: memberships.organizationId })
    .from(memberships)
    .where(eq(memberships.organizationId, idOrName))
    .limit(1);
  if (isKnown.length > 0) return [idOrName];
  const known: NamedOrganization[] = await db
    .selectDistinct({ id: memberships.organizationId, name: memberships.organizationName })
    .from(memberships);
  const wanted = foldCase(idOrName);
  const found = known.filter(({ id, name }) => spellingsOf({ id, name }).includes(wanted));
  if (found.length > 0) return [...new Set(found.map(({ id }) => id))].sort();
  const names = known.map(({ id, name }) => (name === null ? id : visible(name)));
  throw new RollcallError(
    'usage',
    `No organization is known by the name or id ${idOrName}.${didYouMean(idOrName, names) || ' `rollcall members` lists those that are.'}`,
  );
}

/** In what spellings an organization can be asked for: a name also as it is shown. */
function spellingsOf({ id, name }: NamedOrganization): string[] {
  return name === null ? [foldCase(id)] : [id, name, visible(name, Infinity)].map(foldCase);
}

/**
 * The spellings of a role, whole and whatever the case: all of Super Administrator, which a policy may give too. Throws
 * `usage` for one that no membership has ever had, and names the nearest.
 */
export async function findRole(db: Database, role: string): Promise<string[]> {
  const known = await queryRows<{ role: string }>(
    db,
    sql`select distinct unnest(roles) as role from rollcall.memberships order by role`,
  );
  const roles = known.map((one) => one.role);
  const isMeant = isSuperAdministrator(role)
    ? isSuperAdministrator
    : (one: string) => foldCase(one) === foldCase(role);
  const found = roles.filter(isMeant);
  if (found.length > 0) return found;
  if (isSuperAdministrator(role) && (await wasGivenByPolicy(db))) return [role];
  throw new RollcallError('usage', `No membership has had the role ${role}.${suggest(role, roles)}`);
}

async function wasGivenByPolicy(db: Database): Promise<boolean> {
  const { roles, policies } = memberships;
  const found = await db
    .select({ id: memberships.id })
    .from(memberships)
    .where(namesSuperAdministratorSql(roles, policies))
    .limit(1);
  return found.length > 0;
}

/** The status as it is stored, whatever the case. Throws `usage` for one that no membership has ever had. */
export async function findStatus(db: Database, status: string): Promise<string> {
  const seen = await db.selectDistinct({ status: memberships.status }).from(memberships);
  const statuses = [...new Set(['member', 'invited', ...seen.flatMap((one) => one.status ?? [])])];
  const found = statuses.find((one) => foldCase(one) === foldCase(status));
  if (found !== undefined) return found;
  throw new RollcallError('usage', `No membership has had the status ${status}.${suggest(status, statuses)}`);
}

function suggest(word: string, known: readonly string[]): string {
  if (known.length === 0) return ' Nothing was observed yet.';
  return (
    didYouMean(word, known) ||
    ` There are: ${known.slice(0, 20).join(', ')}${known.length > 20 ? ', …' : ''}.`
  );
}

/** When a principal was first seen whole, and since when nobody looks at it any more. */
export interface Observed {
  principal: string;
  /** The end of the first complete run that is kept; `null` when there has been none. */
  since: Date | null;
  retiredAt: Date | null;
}

/** Since when each principal is observed, by name: the one that is named, or all. */
export async function listObserved(db: Database, principal?: string): Promise<Observed[]> {
  return db
    .select({ principal: principals.name, since: min(runs.finishedAt), retiredAt: principals.retiredAt })
    .from(principals)
    .leftJoin(checkpoints, eq(checkpoints.principalId, principals.id))
    .leftJoin(
      runs,
      sql`${runs.principalId} = ${principals.id} and ${runs.state} = 'complete' and ${runs.id} >= coalesce(${checkpoints.runId}, 0)`,
    )
    .where(principal === undefined ? undefined : eq(principals.name, principal))
    .groupBy(principals.id)
    .orderBy(asc(principals.name));
}
