import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { withDatabase } from '../context/database.ts';
import { type ReportKind, reportKinds } from '../domain/report.ts';
import { type DeliveryState } from '../history/figures.ts';
import { type DeliveryCounts, deliveryStates, listReports } from '../history/reports.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { findPrincipalMeant } from '../terminal/principal-meant.ts';
import { oneOf, principalOption, rowCount } from '../terminal/options.ts';
import { reportsPreviewCommand } from './reports-preview.ts';
import { reportsResendCommand } from './reports-resend.ts';
import { reportsShowCommand } from './reports-show.ts';
import { printRows, type Row, type RowOptions, withRowOptions } from '../terminal/rows.ts';
import { type Terminal } from '../terminal/terminal.ts';

interface ReportsOptions extends RowOptions {
  limit: number;
  principal?: string;
  kind?: ReportKind;
  state?: DeliveryState;
}

const columns = [
  'report_id',
  'kind',
  'principal',
  'run_id',
  'created_at',
  'subject',
  'deliveries',
  'sent',
  'pending',
  'unknown',
  'failed',
  'csv_filename',
  'csv_sha256',
] as const;

const table = ['report_id', 'kind', 'principal', 'run_id', 'created_at', 'deliveries'];

const dispensable = ['run_id', 'created_at'];

const whole = ['kind'];

const headings = { report_id: 'report', run_id: 'run', created_at: 'created' };

/**
 * `rollcall reports`: prints reports and how their deliveries stand, newest first; `show`, `resend` and `preview` are below it.
 */
export function reportsCommand(terminal: Terminal, setStatus: SetStatus): Command {
  const command = new Command('reports')
    .description('Prints reports and how their deliveries stand, newest first.')
    .enablePositionalOptions()
    .option('--limit <number>', 'how many at most', rowCount, 30)
    .addOption(principalOption())
    .addOption(oneOf('--kind <kind>', 'only this kind', reportKinds))
    .addOption(oneOf('--state <state>', 'only those with a delivery in this state', deliveryStates));
  return withRowOptions(command)
    .addHelpText('after', '\nExamples:\n  rollcall reports --state failed\n  rollcall reports show 7')
    .action((options: ReportsOptions) => printReports(terminal, options))
    .addCommand(reportsShowCommand(terminal, setStatus))
    .addCommand(reportsResendCommand(terminal, setStatus))
    .addCommand(reportsPreviewCommand(terminal, setStatus));
}

async function printReports(terminal: Terminal, options: ReportsOptions): Promise<void> {
  const config = loadConfig();
  await withDatabase(config, async ({ db }) => {
    await findPrincipalMeant(db, config, options.principal);
    const found = await listReports(db, options);
    const note = (index: number) => found[index]?.subject ?? '';
    const rows = found.map(reportRow);
    const layout = { columns, table, dispensable, whole, headings };
    printRows(terminal, { rows, ...layout, note, whenEmpty: describeNone(options) }, options);
  });
}

function describeNone({ kind, principal, state }: ReportsOptions): string {
  const conditions = [
    ...(kind === undefined ? [] : [` of kind ${kind}`]),
    ...(principal === undefined ? [] : [` of ${principal}`]),
    ...(state === undefined ? [] : [` with a delivery that is ${state}`]),
  ];
  return conditions.length === 0 ? 'No reports yet.' : `No report${conditions.join('')}.`;
}

type FoundReport = Awaited<ReturnType<typeof listReports>>[number];

function reportRow(report: FoundReport): Row {
  const { sent = 0, pending = 0, unknown = 0, failed = 0 } = report.deliveries;
  return {
    report_id: report.id,
    kind: report.kind,
    principal: report.principal,
    run_id: report.runId,
    created_at: report.createdAt,
    subject: report.subject,
    deliveries: describeStanding({ sent, pending, unknown, failed }),
    sent,
    pending,
    unknown,
    failed,
    csv_filename: report.csvFilename,
    csv_sha256: report.csvSha256,
  } satisfies Record<(typeof columns)[number], Row[string]>;
}

/** `1 sent, 1 failed` */
function describeStanding(counts: DeliveryCounts): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}
