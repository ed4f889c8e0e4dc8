import { Command, Option } from 'commander';
import { loadConfig } from '../config.ts';
import { withDatabase } from '../context/database.ts';
import { type Database } from '../database/database.ts';
import { mailedCsv } from '../domain/csv-file.ts';
import { RollcallError } from '../domain/errors.ts';
import { readReport } from '../history/reports.ts';
import { readNextAttempts } from '../queue/next-attempts.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { reportNumber } from '../terminal/options.ts';
import { printRows, type Row } from '../terminal/rows.ts';
import { printJson } from '../terminal/json.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { wrapLines } from '../terminal/wrap.ts';

interface ShowOptions {
  html?: boolean;
  csv?: boolean;
  json?: boolean;
}

const columns = [
  'delivery_id',
  'recipient',
  'state',
  'attempts',
  'message_id',
  'sent_at',
  'last_error',
  'next_attempt_at',
  'owed_since',
  'carrier',
] as const;

const table = ['recipient', 'state', 'attempts', 'sent_at', 'next_attempt_at'];

const dispensable = ['attempts', 'sent_at'];

const whole = ['state'];

const headings = { sent_at: 'sent', next_attempt_at: 'next attempt' };

/**
 * `rollcall reports show REPORT`: prints a report and its deliveries; with `--csv`, the very bytes that were mailed.
 */
export function reportsShowCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('show')
    .summary('print one report and its deliveries')
    .description('Prints one report as its mail says it, and its deliveries.')
    .argument('<report>', 'the report id, as `rollcall reports` tells it', reportNumber)
    .addOption(new Option('--html', 'print its HTML instead').conflicts(['csv', 'json']))
    .addOption(new Option('--csv', 'print its CSV instead, byte for byte').conflicts('json'))
    .option('--json', 'print one JSON document with all of it')
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall reports show 7\n  rollcall reports show 7 --csv | sha256sum',
    )
    .action(async (reportId: number, options: ShowOptions) => {
      await withDatabase(loadConfig(), async ({ db }) => {
        const found = await readReport(db, reportId);
        if (options.html === true) terminal.write(found.html);
        else if (options.csv === true) terminal.write(csvOf(found));
        else printReport(terminal, { found, rows: await readRows(db, found) }, options);
      });
    });
}

type FoundReport = Awaited<ReturnType<typeof readReport>>;
type DeliveryRow = Record<(typeof columns)[number], Row[string]>;

function csvOf({ id, csv, csvSha256 }: FoundReport): string {
  if (csv === null)
    throw new RollcallError('usage', `Report ${id} has no CSV: it lists neither changes nor a roll.`);
  return mailedCsv(csv, csvSha256);
}

async function readRows(db: Database, { deliveries }: FoundReport): Promise<DeliveryRow[]> {
  const keys = deliveries.map(({ id }) => String(id));
  const nextAttempts = await readNextAttempts(db, 'deliver', keys);
  return deliveries.map((delivery) => ({
    delivery_id: delivery.id,
    recipient: delivery.recipient,
    state: delivery.state,
    attempts: delivery.attempts,
    message_id: delivery.messageId,
    sent_at: delivery.sentAt,
    last_error: delivery.lastError,
    next_attempt_at: nextAttempts.get(String(delivery.id)) ?? null,
    owed_since: delivery.owedSince,
    carrier: delivery.carrier,
  }));
}

function printReport(
  terminal: Terminal,
  { found, rows }: { found: FoundReport; rows: readonly DeliveryRow[] },
  { json }: ShowOptions,
): void {
  if (json === true) {
    printJson(terminal, toJson(found, rows));
    return;
  }
  const note = (index: number) => describeDelivery(found.deliveries[index]);
  const layout = { columns, table, dispensable, whole, headings };
  terminal.print(wrapLines(found.text, terminal.width));
  printRows(terminal, { rows, ...layout, note, whenEmpty: 'No deliveries.' }, {});
}

/** What no cell has room for. */
function describeDelivery(delivery: FoundReport['deliveries'][number] | undefined): string {
  if (delivery === undefined) return '';
  const { carrier, messageId, lastError } = delivery;
  return `${carrier === 'mail' ? 'Message-ID' : 'webhook-id'} ${messageId}${lastError === null ? '' : `; last error: ${lastError}`}`;
}

function toJson(found: FoundReport, rows: readonly DeliveryRow[]) {
  return {
    report_id: found.id,
    kind: found.kind,
    principal: found.principal,
    run_id: found.runId,
    slot: found.slot,
    created_at: found.createdAt,
    subject: found.subject,
    text: found.text,
    html: found.html,
    csv: found.csv,
    csv_filename: found.csvFilename,
    csv_sha256: found.csvSha256,
    json: found.json,
    deliveries: rows,
  };
}
