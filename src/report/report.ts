import { type Category, type Change, categories as allCategories } from '../domain/change.ts';
import { composeBaseline } from './baseline.ts';
import { composeChanges } from './changes.ts';
import { type Content, type FootLine } from './content.ts';
import { type CsvFile, writeCsvFile } from './csv.ts';
import { writeHtml } from './html.ts';
import { type ReportedRun } from './run.ts';
import { writeText } from './text.ts';
import { visible } from '../domain/visible.ts';
import { formatTime } from './wording.ts';

export interface Report {
  kind: 'changes' | 'baseline';
  subject: string;
  text: string;
  html: string;
  /** `null` for a report that has no changes to list. */
  csv: CsvFile | null;
}

/**
 * The report about a complete run; `null` when there is nothing to say, which is every quiet night. A principal's
 * first run gets the notice of its baseline. `categories` says what the changes were narrowed to, so that the
 * report can say it too.
 */
export function composeReport(
  run: ReportedRun,
  changes: readonly Change[],
  categories: readonly Category[] = allCategories,
): Report | null {
  if (run.baselineRunId === null) return finishReport('baseline', composeBaseline(run), { run, csv: null });
  if (changes.length === 0) return null;
  const csv = writeCsvFile(run.principal, run.finishedAt, changes);
  return finishReport('changes', composeChanges(run, changes, categories), { run, csv });
}

function finishReport(
  kind: Report['kind'],
  body: Omit<Content, 'foot'>,
  { run, csv }: { run: ReportedRun; csv: CsvFile | null },
): Report {
  const content = { ...body, foot: footOf(run, csv) };
  return {
    kind,
    subject: `[rollcall] ${content.headline}`,
    text: writeText(content),
    html: writeHtml(content),
    csv,
  };
}

function footOf(run: ReportedRun, csv: CsvFile | null): FootLine[] {
  const { runId, baselineRunId, window, chain } = run;
  const baseline = baselineRunId === null ? '' : `, compared with run ${baselineRunId}`;
  return [
    { label: 'Run', value: `${runId}${baseline}` },
    window === null
      ? { label: 'Taken', value: `${formatTime(run.finishedAt)} UTC` }
      : { label: 'Window', value: `${formatTime(window.notBefore)} to ${formatTime(window.notAfter)} UTC` },
    ...(csv === null
      ? []
      : [
          { label: 'CSV', value: csv.filename },
          { label: 'CSV SHA-256', value: csv.sha256 },
        ]),
    { label: 'Chain head', value: visible(chain) },
    { label: 'Times', value: 'UTC' },
  ];
}
