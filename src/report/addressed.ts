import { type Change } from '../domain/change.ts';
import { type Night } from '../domain/nights.ts';
import { type ReportRecipient } from '../domain/report.ts';
import {
  type Audience,
  planDigests,
  planHeldReports,
  planQuietReports,
  planReports,
  planTroubled,
} from './audience.ts';
import { type Digest, narrowNights } from './kinds/digest.ts';
import {
  composeDigestReport,
  composeFailureReport,
  composeHeldReport,
  composeMismatchReport,
  composeQuietReport,
  composeRecoveryReport,
  composeReport,
  composeStaleReport,
  type Findings,
  type Report,
} from './report.ts';
import { isWhole, type Scope } from './scope.ts';
import { hearsOfSource } from './source-change.ts';
import { type FailedRun, type HeldRunTold, type ReportedRun } from './told.ts';
import { type MismatchedHistory } from './kinds/mismatch.ts';
import { type StalePrincipal } from './kinds/silence.ts';
import { type Voice } from './voice.ts';

/** A report and everybody who gets it. */
export type AddressedReport = Report & { recipients: readonly ReportRecipient[] };

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
 * Every report that is due about a complete run; none after a quiet night that no trouble went before, unless somebody
 * wants to hear of those. Who gets the changes of an approved run knows by them that the hold is over.
 */
export function composeReports(
  run: BelievedRun,
  { changes, roll }: Pick<Findings, 'changes' | 'roll'>,
  telling: Telling,
): AddressedReport[] {
  const { audiences, voice } = telling;
  const reports = planReports(run, changes, audiences).flatMap((group) => {
    const report = composeReport(forReader(run, group.scope), { ...group, ...(roll && { roll }) }, voice);
    return report === null ? [] : [{ ...report, recipients: group.recipients }];
  });
  const told = run.isApproved ? reports.flatMap(({ recipients }) => recipients) : [];
  const quiet = planQuietReports(run, changes, audiences).map(({ scope, recipients }) => ({
    ...composeQuietReport(forReader(run, scope), scope, voice),
    recipients,
  }));
  return [...(run.recovered ? composeRecoveryReports(run, told, telling) : []), ...reports, ...quiet];
}

/**
 * Of holds and their end, and of the nights, in which changes of every kind show, nobody is told whose changes are narrowed; of the
 * source, who asks for the Super Administrators that it shows.
 */
function forReader<Run extends ReportedRun>(run: Run, scope: Scope): Run {
  if (isWhole(scope)) return run;
  const { sourceChange } = run;
  const isHeard = sourceChange !== null && hearsOfSource(sourceChange, scope);
  return {
    ...withoutNights(run, scope),
    releasedRunIds: [],
    sourceChange: isHeard ? sourceChange : null,
  };
}

function composeRecoveryReports(
  run: BelievedRun,
  told: readonly ReportRecipient[],
  telling: Telling,
): AddressedReport[] {
  const knows = ({ carrier, name }: ReportRecipient) =>
    told.some((one) => one.carrier === carrier && one.name === name);
  return toTroubled(run.principal, telling, (scope) =>
    composeRecoveryReport(forReader(run, scope), scope, telling.voice),
  )
    .map((report) => ({ ...report, recipients: report.recipients.filter((one) => !knows(one)) }))
    .filter(({ recipients }) => recipients.length > 0);
}

/** The reports about a run that is held: each recipient's own part of the suspects. */
export function composeHeldReports(
  run: HeldRunTold,
  suspects: readonly Change[],
  telling: Telling,
): AddressedReport[] {
  return planHeldReports(run.principal, suspects, telling.audiences).map((group) => ({
    ...composeHeldReport(
      { ...forReader(run, group.scope), scope: group.scope },
      group.changes,
      telling.voice,
    ),
    recipients: group.recipients,
  }));
}

/** The report about a run that ended without a snapshot. */
export function composeFailureReports(run: FailedRun, telling: Telling): AddressedReport[] {
  return toTroubled(run.principal, telling, (scope) =>
    composeFailureReport(withoutNights(run, scope), telling.voice),
  );
}

/** The report about a principal of whom no complete run has come for too long. */
export function composeStaleReports(stale: StalePrincipal, telling: Telling): AddressedReport[] {
  return toTroubled(stale.principal, telling, (scope) =>
    composeStaleReport(withoutNights(stale, scope), telling.voice),
  );
}

/** The report about a history that is not the one that was recorded. */
export function composeMismatchReports(mismatched: MismatchedHistory, telling: Telling): AddressedReport[] {
  return toTroubled(mismatched.principal, telling, () => composeMismatchReport(mismatched, telling.voice));
}

/** The digest for everybody who gets one, of the principals and changes that each may hear of. */
export function composeDigests(
  { principals, inner, ...period }: Digest,
  telling: Telling,
): AddressedReport[] {
  const names = principals.map(({ principal }) => principal);
  return planDigests(names, telling.audiences).map(({ recipients, scopes, hearsAll }) => {
    const told = principals.flatMap((nights) => {
      const scope = scopes.get(nights.principal);
      return scope === undefined ? [] : [narrowNights(nights, scope)];
    });
    const digest = { ...period, principals: told, inner: hearsAll ? inner : null };
    return { ...composeDigestReport(digest, telling.voice), recipients };
  });
}

/** One report for those who get all changes, and one for those who get some, be they which they may. */
function toTroubled(
  principal: string,
  { audiences }: Telling,
  compose: (scope: Scope) => Report,
): AddressedReport[] {
  const groups = planTroubled(principal, audiences);
  const alike = [...Map.groupBy(groups, ({ scope }) => isWhole(scope)).values()];
  return alike.flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [
          {
            ...compose(first.scope),
            recipients: [first, ...others].flatMap(({ recipients }) => recipients),
          },
        ],
  );
}

/** The nights show changes of every kind. */
function withoutNights<Told extends { nights?: readonly Night[] }>(told: Told, scope: Scope): Told {
  return isWhole(scope) ? told : { ...told, nights: [] };
}
