import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, Option } from 'commander';
import { type Config, loadConfig, selectPrincipals } from '../config.ts';
import { withContext } from '../context.ts';
import { type ReportKind, reportKinds } from '../domain/report.ts';
import { visible } from '../domain/visible.ts';
import { tellingOf } from '../pipeline/owe.ts';
import { type PreviewedReport, previewReports } from '../pipeline/preview.ts';
import { callTheRoll, type RollCall } from '../pipeline/roll-call.ts';
import { composeSample } from '../report/sample.ts';
import { openInBrowser } from '../terminal/browser.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { oneOf, principalOption } from '../terminal/options.ts';
import { type ShownReport, writePreviewFolder, writePreviewPage } from '../terminal/preview-files.ts';
import { describeRollCall } from '../terminal/run-results.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { wrapLines, wrapped } from '../terminal/wrap.ts';

interface PreviewOptions {
  sample?: boolean;
  principal?: string;
  kind?: ReportKind;
  html?: string;
  open?: boolean;
}

/** A report that is shown, and to whom it would be sent: to nobody where it is a sample. */
type Shown = ShownReport & Pick<PreviewedReport, 'kind' | 'text' | 'recipients'>;

/** What a sample is about where no principal is named. */
const sampled = 'ops-bot';

/** `rollcall reports preview`: shows the reports that a run would send now, or samples of all; stores and sends nothing. */
export function reportsPreviewCommand(terminal: Terminal, setStatus: SetStatus): Command {
  return new Command('preview')
    .summary('show the reports that a run would send now, or samples of all')
    .description(
      'Shows the reports that a run would send now, to whom, or with --sample one of each kind with every kind of change in it. ' +
        'Nothing is stored or sent. A run that is only previewed has no number: N stands for it.',
    )
    .option('--sample', 'show samples, which ask neither Cloudflare nor the database')
    .addOption(principalOption())
    .addOption(oneOf('--kind <kind>', 'only this kind', reportKinds))
    .addOption(new Option('--text', 'print them as text, as without it').conflicts(['html', 'open']))
    .option(
      '--html <file>',
      'write them into one page, whose name ends with .html; or with their CSVs into a folder that is empty or not there',
    )
    .option('--open', 'open them in the browser; without --html from a folder of their own')
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall reports preview\n  rollcall reports preview --sample --kind held\n  rollcall reports preview --sample --html preview.html --open',
    )
    .action(async (options: PreviewOptions) => {
      const config = loadConfig();
      const { shown, calls } =
        options.sample === true ? takeSamples(config, options) : await previewAll(terminal, config, options);
      for (const call of calls) terminal.warn(describeRollCall(call, true)[0] ?? '');
      setStatus(calls.every(isForeseen) ? 0 : 1);
      const reports = shown.filter(({ kind }) => options.kind === undefined || kind === options.kind);
      if (reports.length === 0) wrapped(terminal).print(describeNone(options));
      else if (options.html === undefined && options.open !== true) printReports(terminal, reports);
      else await writeReports(terminal, reports, options);
    });
}

/** What is shown, and what would come of each principal's roll. */
interface Preview {
  shown: readonly Shown[];
  calls: readonly RollCall[];
}

function takeSamples(config: Config, { principal = sampled }: PreviewOptions): Preview {
  const samples = composeSample(principal, tellingOf(config).voice);
  return { shown: samples.map((sample) => ({ ...sample, recipients: [] })), calls: [] };
}

/** The reports of every principal, in the order of the configuration. */
async function previewAll(
  terminal: Terminal,
  config: Config,
  { principal }: PreviewOptions,
): Promise<Preview> {
  const principals = selectPrincipals(config, principal === undefined ? [] : [principal]);
  const onRequest = (name: string, count: number) => terminal.progress(`${name}: request ${count}…`);
  return withContext({ config, signal: terminal.signal, onRequest }, async (context) => {
    const reports = new Map<string, readonly PreviewedReport[]>();
    const order = { principals, trigger: 'manual' as const, slot: null };
    const calls = await callTheRoll(context, order, (within, one) =>
      previewReports(within, one, (found) => reports.set(one.principal.name, found)),
    );
    const shown = principals
      .flatMap(({ name }) => reports.get(name) ?? [])
      .map((report) => ({ ...report, title: report.kind }));
    return { shown, calls };
  });
}

/** Whether it came to what a run may come to by itself. */
function isForeseen({ outcome }: RollCall): boolean {
  return outcome === 'complete' || outcome === 'held';
}

function describeNone({ sample, kind }: PreviewOptions): string {
  const what = kind === undefined ? 'report' : `report of kind ${kind}`;
  return sample === true ? `There is no sample of a ${what}.` : `No ${what} would be sent now.`;
}

function printReports(terminal: Terminal, reports: readonly Shown[]): void {
  const pages = reports.map((report, index) => {
    const head = [`${index + 1} of ${reports.length}: ${report.title}`, ...describeMail(report)];
    return wrapLines([...head, '', report.text.trimEnd()].join('\n'), terminal.width);
  });
  const rule = '─'.repeat(Math.min(terminal.width ?? 72, 72));
  terminal.print(pages.join(`\n\n${rule}\n\n`));
}

function describeMail({ recipients, subject, csv }: Shown): string[] {
  return [
    ...(recipients.length === 0 ? [] : [`To       ${recipients.map((one) => visible(one)).join(', ')}`]),
    `Subject  ${visible(subject, Infinity)}`,
    ...(csv === null ? [] : [`CSV      ${visible(csv.filename)}`]),
  ];
}

async function writeReports(
  terminal: Terminal,
  reports: readonly Shown[],
  { html, open }: PreviewOptions,
): Promise<void> {
  const place = html ?? (await mkdtemp(path.join(tmpdir(), 'rollcall-preview-')));
  const index = await writeThere(place, reports);
  const count = reports.length === 1 ? '1 report' : `${reports.length} reports`;
  wrapped(terminal).print(`${index}: ${count}`);
  if (open !== true || (await openInBrowser(index))) return;
  terminal.warn(`No browser could be opened here. Open ${index} yourself.`);
}

/** Where they can be looked at. */
async function writeThere(place: string, reports: readonly Shown[]): Promise<string> {
  if (!/\.html?$/i.test(place)) return writePreviewFolder(place, reports);
  await writePreviewPage(place, reports);
  return place;
}
