import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type InnerMatters, type UnsentReports } from '../domain/nights.ts';
import { listPrincipals } from './principals.ts';

/** What wants attention at the end of a period and is of no principal that is audited. */
export async function readInnerMatters(
  db: Database,
  configured: readonly string[],
  { from, to }: { from: Date; to: Date },
): Promise<InnerMatters> {
  const known = await listPrincipals(db);
  const names = new Set(known.map(({ principal }) => principal));
  return {
    unsent: await countUnsent(db, { from, to }),
    forgotten: known
      .filter((one) => one.retiredAt === null && !configured.includes(one.principal))
      .map(({ principal, members, invited, other, lastComplete }) => ({
        principal,
        memberships: members + invited + other,
        lastComplete: lastComplete?.finishedAt ?? null,
      }))
      .filter(({ memberships }) => memberships > 0),
    unheard: configured.filter((name) => !names.has(name)),
  };
}

/** Reports of a period that did not reach somebody: deliveries that were refused or given up, or have been tried for a day. */
export async function countUnsent(
  db: Database,
  { from, to }: { from: Date; to: Date },
): Promise<UnsentReports> {
  const [found] = await queryRows<UnsentReports & Record<string, unknown>>(
    db,
    sql`
      select
        (count(distinct report_id) filter (where carrier = 'mail'))::int as mail,
        (count(distinct report_id) filter (where carrier = 'webhook'))::int as webhook,
        coalesce(json_agg(distinct state), '[]') as states
      from rollcall.deliveries
      where state <> 'sent' and created_at >= ${from.toISOString()}::timestamptz
        and created_at < ${to.toISOString()}::timestamptz
        and (
          state = 'failed'
          or (attempts > 0 and owed_since < ${to.toISOString()}::timestamptz - interval '1 day')
        )`,
  );
  return found ?? { mail: 0, webhook: 0, states: [] };
}
