import { and, asc, desc, eq, exists, sql } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { deliveries, principals, reports } from '../database/schema.ts';
import { RollcallError } from '../domain/errors.ts';
import { type ReportKind } from '../domain/report.ts';
import { type DeliveryState } from './figures.ts';

/** The states that the table of deliveries takes. */
export const deliveryStates: readonly DeliveryState[] = deliveries.state.enumValues;

/** The first report about a run, or `null` when it had nothing to say. */
export async function findReport(db: Database, runId: number) {
  const [report] = await db
    .select()
    .from(reports)
    .where(eq(reports.runId, runId))
    .orderBy(asc(reports.id))
    .limit(1);
  return report ?? null;
}

/** Which reports to list; what is left out narrows nothing. */
export interface ReportFilter {
  principal?: string;
  kind?: ReportKind;
  /** Only reports that have a delivery in this state. */
  state?: DeliveryState;
  /** How many at most, newest first. */
  limit: number;
}

/** How many deliveries of a report are in each state; those that none is in are left out. */
export type DeliveryCounts = Readonly<Partial<Record<DeliveryState, number>>>;

/** Reports without what they say, newest first, with their principal's name (a digest has none) and how their deliveries stand. */
export async function listReports(db: Database, { principal, kind, state, limit }: ReportFilter) {
  const ofTheReport = eq(deliveries.reportId, reports.id);
  const inThatState = (wanted: DeliveryState) =>
    exists(
      db
        .select({ id: deliveries.id })
        .from(deliveries)
        .where(and(ofTheReport, eq(deliveries.state, wanted))),
    );
  return db
    .select({
      id: reports.id,
      kind: reports.kind,
      principal: principals.name,
      runId: reports.runId,
      createdAt: reports.createdAt,
      subject: reports.subject,
      csvFilename: reports.csvFilename,
      csvSha256: reports.csvSha256,
      deliveries: sql<DeliveryCounts>`(
        select coalesce(jsonb_object_agg(state, count), '{}')
        from (select state, count(*) from rollcall.deliveries where report_id = ${reports.id} group by state) as delivery
      )`,
    })
    .from(reports)
    .leftJoin(principals, eq(principals.id, reports.principalId))
    .where(
      and(
        principal === undefined ? undefined : eq(principals.name, principal),
        kind === undefined ? undefined : eq(reports.kind, kind),
        state === undefined ? undefined : inThatState(state),
      ),
    )
    .orderBy(desc(reports.id))
    .limit(limit);
}

/** A report with all it says, its principal's name, and its deliveries. Throws `usage` when there is none of that id. */
export async function readReport(db: Database, id: number) {
  const [found] = await db
    .select({ report: reports, principal: principals.name })
    .from(reports)
    .leftJoin(principals, eq(principals.id, reports.principalId))
    .where(eq(reports.id, id));
  if (found === undefined) throw await noSuchReport(db, id);
  return { ...found.report, principal: found.principal, deliveries: await listDeliveries(db, id) };
}

/** Says which is the newest: whoever asks for another has most likely mistyped it. */
async function noSuchReport(db: Database, id: number): Promise<RollcallError> {
  const [newest] = await db.select({ id: reports.id }).from(reports).orderBy(desc(reports.id)).limit(1);
  const there = newest === undefined ? 'there is none yet' : `the newest is ${newest.id}`;
  return new RollcallError('usage', `There is no report ${id}; ${there}.`);
}

/** The deliveries of a report, in the order in which they were made. */
export async function listDeliveries(db: Database, reportId: number) {
  return db.select().from(deliveries).where(eq(deliveries.reportId, reportId)).orderBy(asc(deliveries.id));
}
