import { type Change } from '../domain/change.ts';
import { type Audience, planReports } from './audience.ts';
import { composeReport, type Report } from './report.ts';
import { type ReportedRun } from './run.ts';

/** Every report that is due about a run, each with those who get it; none after a quiet night. */
export function composeReports(
  run: ReportedRun,
  changes: readonly Change[],
  audiences: readonly Audience[],
): (Report & { recipients: readonly string[] })[] {
  return planReports(run, changes, audiences).flatMap((group) => {
    const report = composeReport(run, group.changes, group.categories);
    return report === null ? [] : [{ ...report, recipients: group.recipients }];
  });
}
