import { type Change } from '../domain/change.ts';
import { type Audience, planDigests, planHeldReports, planRecipients, planReports } from './audience.ts';
import { type Digest, narrowNights } from './kinds/digest.ts';
import {
  composeDigestReport,
  composeFailureReport,
  composeHeldReport,
  composeRecoveryReport,
  composeReport,
  composeStaleReport,
  type Report,
} from './report.ts';
import { type FailedRun, type ReportedRun } from './told.ts';
import { type StalePrincipal } from './kinds/silence.ts';

/** A report and everybody who gets it. */
export type AddressedReport = Report & { recipients: readonly string[] };

/** Every report that is due about a complete run; none after a quiet night that no trouble went before. */
export function composeReports(
  run: ReportedRun & { recovered: boolean },
  changes: readonly Change[],
  audiences: readonly Audience[],
): AddressedReport[] {
  const reports = planReports(run, changes, audiences).flatMap((group) => {
    const report = composeReport(run, group.changes, group.categories);
    return report === null ? [] : [{ ...report, recipients: group.recipients }];
  });
  return run.recovered
    ? [...toEverybody(run.principal, composeRecoveryReport(run), audiences), ...reports]
    : reports;
}

/** The reports about a run that is held: each recipient's own part of the suspects. */
export function composeHeldReports(
  run: ReportedRun & { reason: string },
  suspects: readonly Change[],
  audiences: readonly Audience[],
): AddressedReport[] {
  return planHeldReports(run.principal, suspects, audiences).map((group) => ({
    ...composeHeldReport(run, group.changes, run.reason),
    recipients: group.recipients,
  }));
}

/** The report about a run that ended without a snapshot. */
export function composeFailureReports(run: FailedRun, audiences: readonly Audience[]): AddressedReport[] {
  return toEverybody(run.principal, composeFailureReport(run), audiences);
}

/** The report about a principal of whom no complete run has come for too long. */
export function composeStaleReports(
  stale: StalePrincipal,
  audiences: readonly Audience[],
): AddressedReport[] {
  return toEverybody(stale.principal, composeStaleReport(stale), audiences);
}

/** The digest for everybody, of the principals and categories that each may hear of. */
export function composeDigests(
  { principals, ...period }: Digest,
  audiences: readonly Audience[],
): AddressedReport[] {
  const names = principals.map(({ principal }) => principal);
  return planDigests(names, audiences).map(({ recipients, categoriesOf }) => ({
    ...composeDigestReport({
      ...period,
      principals: principals.flatMap((nights) => {
        const categories = categoriesOf.get(nights.principal);
        return categories === undefined ? [] : [narrowNights(nights, categories)];
      }),
    }),
    recipients,
  }));
}

function toEverybody(principal: string, report: Report, audiences: readonly Audience[]): AddressedReport[] {
  const recipients = planRecipients(principal, audiences);
  return recipients.length === 0 ? [] : [{ ...report, recipients }];
}
