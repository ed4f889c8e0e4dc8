import { eq } from 'drizzle-orm';
import { type Context } from '../context.ts';
import { type Database } from '../database/database.ts';
import { inRolledBackTransaction } from '../database/rollback.ts';
import { reports } from '../database/schema.ts';
import { mailedCsv } from '../domain/csv-file.ts';
import { describeError } from '../domain/errors.ts';
import { type ReportKind } from '../domain/report.ts';
import { type Evidence } from '../domain/run.ts';
import { listDeliveries } from '../history/reports.ts';
import { type Order, nameOrder, previewId, previewRun, type RunResult } from '../pipeline.ts';
import { claimRun } from '../schedule/claim.ts';
import { planShortEnd } from '../schedule/short-end.ts';
import { concludeShort } from './conclude.ts';

/** A report as it would be sent now, and to whom. */
export interface PreviewedReport {
  kind: ReportKind;
  principal: string;
  recipients: readonly string[];
  subject: string;
  text: string;
  html: string;
  csv: { filename: string; content: string } | null;
}

/** What stands for the number of a run that is taken back. */
const noNumber = 'N';

// One request at least: what is told of a refusal is told of an answer.
const nothing: Evidence = { requests: 1, retries: 0, listings: 0, pages: 0, proof: [] };

/**
 * Does a run in a transaction that is taken back, and gives the reports that it would owe to `onReports`. Returns how the run
 * would end, and throws what would end it, the report about that given first.
 */
export async function previewReports(
  context: Context,
  order: Order,
  onReports: (reports: readonly PreviewedReport[]) => void,
): Promise<RunResult> {
  const look = async (tx: Database) => onReports(await readReports(tx, order.principal.name));
  try {
    return await previewRun(context, order, look);
  } catch (error) {
    await previewShort(context, order, { error, look });
    throw error;
  }
}

async function previewShort(
  { config, db, queue, now, worker }: Context,
  { principal, trigger, slot }: Order,
  { error, look }: { error: unknown; look: (tx: Database) => Promise<void> },
): Promise<void> {
  const { state, abandoned, code } = planShortEnd(error);
  if (abandoned) return;
  const setting = { config, queue, now: now() };
  await inRolledBackTransaction(db, async (tx) => {
    const order = { ...nameOrder({ principal, trigger, slot }), id: previewId };
    const claim = await claimRun(tx, order, { worker, now: setting.now });
    if (claim.outcome !== 'claimed') return;
    const end = { state, abandoned, error: describeError(error), code, evidence: nothing };
    await concludeShort(tx, claim.run, { end, setting });
    await look(tx);
  });
}

async function readReports(tx: Database, principal: string): Promise<PreviewedReport[]> {
  const found = await tx.select().from(reports).where(eq(reports.runId, previewId)).orderBy(reports.id);
  const previewed: PreviewedReport[] = [];
  for (const { id, kind, subject, text, html, csv, csvSha256, csvFilename } of found) {
    const recipients = (await listDeliveries(tx, id)).map(({ recipient }) => recipient);
    previewed.push({
      kind,
      principal,
      recipients,
      subject: withoutNumber(subject),
      text: withoutNumber(text),
      html: withoutNumber(html),
      csv:
        csv === null || csvFilename === null
          ? null
          : { filename: csvFilename, content: withoutNumber(mailedCsv(csv, csvSha256)) },
    });
  }
  return previewed;
}

function withoutNumber(text: string): string {
  return text.replaceAll(String(previewId), noNumber);
}
