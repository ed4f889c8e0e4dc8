import { type Change } from '../domain/change.ts';
import { type Audience, planDigests, planHeldReports, planRecipients, planReports } from './audience.ts';
import { type Digest, narrowNights } from './kinds/digest.ts';
import {
  composeDigestReport,
  composeFailureReport,
  composeHeldReport,
  composeMismatchReport,
  composeRecoveryReport,
  composeReport,
  composeStaleReport,
  type Report,
} from './report.ts';
import { type FailedRun, type HeldRunTold, type ReportedRun } from './told.ts';
import { type MismatchedHistory } from './kinds/mismatch.ts';
import { type StalePrincipal } from './kinds/silence.ts';

/** A report and everybody who gets it. */
export type AddressedReport = Report & { recipients: readonly string[] };

/** A complete run, and what went before it. */
export interface BelievedRun extends ReportedRun {
  /** Whether trouble was reported that it ends. */
  recovered: boolean;
  /** Whether it was held, and somebody approved it. */
  isApproved: boolean;
}

/**
 * Every report that is due about a complete run; none after a quiet night that no trouble went before. Who gets the
 * changes of an approved run knows by them that the hold is over.
 */
export function composeReports(
  run: BelievedRun,
  changes: readonly Change[],
  audiences: readonly Audience[],
): AddressedReport[] {
  const reports = planReports(run, changes, audiences).flatMap((group) => {
    const report = composeReport(run, group.changes, group.categories);
    return report === null ? [] : [{ ...report, recipients: group.recipients }];
  });
  if (!run.recovered) return reports;
  const told = new Set(run.isApproved ? reports.flatMap(({ recipients }) => recipients) : []);
  const recovery = toEverybody(run.principal, composeRecoveryReport(run), audiences)
    .map((report) => ({ ...report, recipients: report.recipients.filter((one) => !told.has(one)) }))
    .filter(({ recipients }) => recipients.length > 0);
  return [...recovery, ...reports];
}

/** The reports about a run that is held: each recipient's own part of the suspects. */
export function composeHeldReports(
  run: HeldRunTold,
  suspects: readonly Change[],
  audiences: readonly Audience[],
): AddressedReport[] {
  return planHeldReports(run.principal, suspects, audiences).map((group) => ({
    ...composeHeldReport(run, group.changes),
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

/** The report about a history that is not the one that was recorded. */
export function composeMismatchReports(
  mismatched: MismatchedHistory,
  audiences: readonly Audience[],
): AddressedReport[] {
  return toEverybody(mismatched.principal, composeMismatchReport(mismatched), audiences);
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
