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
  type Findings,
  type Report,
} from './report.ts';
import { type FailedRun, type HeldRunTold, type ReportedRun } from './told.ts';
import { type MismatchedHistory } from './kinds/mismatch.ts';
import { type StalePrincipal } from './kinds/silence.ts';
import { type Voice } from './voice.ts';

/** A report and everybody who gets it. */
export type AddressedReport = Report & { recipients: readonly string[] };

/** To whom reports are told, and how they are written. */
export interface Telling {
  audiences: readonly Audience[];
  voice: Voice;
}

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
  { changes, roll }: Pick<Findings, 'changes' | 'roll'>,
  telling: Telling,
): AddressedReport[] {
  const reports = planReports(run, changes, telling.audiences).flatMap((group) => {
    const report = composeReport(run, { ...group, ...(roll && { roll }) }, telling.voice);
    return report === null ? [] : [{ ...report, recipients: group.recipients }];
  });
  if (!run.recovered) return reports;
  const told = new Set(run.isApproved ? reports.flatMap(({ recipients }) => recipients) : []);
  const recovery = toEverybody(run.principal, composeRecoveryReport(run, telling.voice), telling)
    .map((report) => ({ ...report, recipients: report.recipients.filter((one) => !told.has(one)) }))
    .filter(({ recipients }) => recipients.length > 0);
  return [...recovery, ...reports];
}

/** The reports about a run that is held: each recipient's own part of the suspects. */
export function composeHeldReports(
  run: HeldRunTold,
  suspects: readonly Change[],
  telling: Telling,
): AddressedReport[] {
  return planHeldReports(run.principal, suspects, telling.audiences).map((group) => ({
    ...composeHeldReport(run, group.changes, telling.voice),
    recipients: group.recipients,
  }));
}

/** The report about a run that ended without a snapshot. */
export function composeFailureReports(run: FailedRun, telling: Telling): AddressedReport[] {
  return toEverybody(run.principal, composeFailureReport(run, telling.voice), telling);
}

/** The report about a principal of whom no complete run has come for too long. */
export function composeStaleReports(stale: StalePrincipal, telling: Telling): AddressedReport[] {
  return toEverybody(stale.principal, composeStaleReport(stale, telling.voice), telling);
}

/** The report about a history that is not the one that was recorded. */
export function composeMismatchReports(mismatched: MismatchedHistory, telling: Telling): AddressedReport[] {
  return toEverybody(mismatched.principal, composeMismatchReport(mismatched, telling.voice), telling);
}

/** The digest for everybody, of the principals and categories that each may hear of. */
export function composeDigests({ principals, ...period }: Digest, telling: Telling): AddressedReport[] {
  const names = principals.map(({ principal }) => principal);
  return planDigests(names, telling.audiences).map(({ recipients, categoriesOf }) => {
    const told = principals.flatMap((nights) => {
      const categories = categoriesOf.get(nights.principal);
      return categories === undefined ? [] : [narrowNights(nights, categories)];
    });
    return { ...composeDigestReport({ ...period, principals: told }, telling.voice), recipients };
  });
}

function toEverybody(principal: string, report: Report, telling: Telling): AddressedReport[] {
  const recipients = planRecipients(principal, telling.audiences);
  return recipients.length === 0 ? [] : [{ ...report, recipients }];
}
