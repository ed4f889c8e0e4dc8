import { type Change } from '../domain/change.ts';
import { type Night } from '../domain/nights.ts';
import { type ReportKind } from '../domain/report.ts';
import { type Membership } from '../domain/membership.ts';
import { visible } from '../domain/visible.ts';
import { composeBaseline } from './kinds/baseline.ts';
import { composeChanges, composeSourceChange } from './kinds/changes.ts';
import { type Content, type FootLine } from './content.ts';
import { fitContent } from './fit.ts';
import { type CsvFile, writeCsvFile, writeRollFile } from './forms/csv.ts';
import { requireWholeCsv, requireWholeRoll } from './forms/csv-check.ts';
import { composeFailure } from './kinds/failure.ts';
import { composeHeld, reasonFor } from './kinds/held.ts';
import { composeMismatch, type MismatchedHistory } from './kinds/mismatch.ts';
import { writeHtml } from './forms/html.ts';
import {
  type EventContent,
  eventRunOf,
  eventRunWithoutSnapshot,
  type Facts,
  withoutStanding,
} from './forms/json.ts';
import { composeQuiet } from './kinds/quiet.ts';
import { composeRecovery } from './kinds/recovery.ts';
import { composeDigest, type Digest } from './kinds/digest.ts';
import { isWhole, type Scope, wholeScope } from './scope.ts';
import { type CompleteRun, type FailedRun, type HeldRunTold, type ReportedRun } from './told.ts';
import { composeStale, type StalePrincipal } from './kinds/silence.ts';
import { writeText } from './forms/text.ts';
import { nameCommandsIn } from './commands-in-text.ts';
import { type Voice } from './voice.ts';
import { subjectMark } from './subject.ts';
import { formatTime, nameInstant } from './time.ts';

/** A report as it is stored and mailed; all its forms say the same. */
export interface Report {
  kind: ReportKind;
  subject: string;
  text: string;
  html: string;
  /** `null` for a report that has no changes to list. */
  csv: CsvFile | null;
  /** Of what its JSON is written, where somebody gets it. */
  event: EventContent;
}

/** What a report about a complete run tells. */
export interface Findings {
  changes: readonly Change[];
  /** What the changes were narrowed to, so that the report can say it too. Default: all. */
  scope?: Scope;
  /** All that a first run saw. Default: nothing. */
  roll?: readonly Membership[];
}

/**
 * The report about a complete run; `null` when there is nothing to say, which is every quiet night but one that was read from
 * another source. A principal's
 * first run gets the notice of its baseline.
 */
export function composeReport(
  run: ReportedRun,
  { changes, scope = wholeScope, roll = [] }: Findings,
  voice: Voice,
): Report | null {
  const { principal, baselineRunId, finishedAt } = run;
  if (baselineRunId === null) {
    const csv = writeRollFile(principal, finishedAt, roll);
    if (csv !== null) requireWholeRoll(csv, roll);
    return {
      ...finish('baseline', composeBaseline(run, { roll, hasFile: csv !== null }, voice), {
        foot: footOf(run, csv),
        voice,
        facts: { ...factsOf(run), csv },
      }),
      csv,
    };
  }
  if (changes.length === 0) return composeSourceReport(run, scope, voice);
  const csv = writeCsvFile(principal, finishedAt, changes);
  const body = composeChanges(run, { changes, scope, hasFile: csv !== null }, voice);
  if (csv !== null) requireWholeCsv(csv, changes, body.sections);
  const facts = { ...factsOf(run, { isWhole: isWhole(scope) }), changes, csv };
  return { ...finish('changes', body, { ...run, foot: footOf(run, csv), voice, facts }), csv };
}

/**
 * The report about a night on which nothing changed but the source; `null` on any other. It is one of changes, since who hears
 * of those has to know what they are found by. It has no file: there is nothing to list.
 */
function composeSourceReport(run: ReportedRun, scope: Scope, voice: Voice): Report | null {
  const { sourceChange } = run;
  if (sourceChange === null) return null;
  const body = composeSourceChange({ ...run, sourceChange }, scope, voice);
  const facts = factsOf(run, { isWhole: isWhole(scope) });
  return finish('changes', body, { ...run, foot: footOf(run, null), voice, facts });
}

/** The report about a run that is held, with the CSV of what it would have said. */
export function composeHeldReport(run: HeldRunTold, suspects: readonly Change[], voice: Voice): Report {
  const csv = suspects.length === 0 ? null : writeCsvFile(run.principal, run.finishedAt, suspects);
  const hasFile = csv !== null || suspects.length === 0;
  const body = composeHeld(run, { suspects, hasFile }, voice);
  if (csv !== null) requireWholeCsv(csv, suspects, body.sections);
  const standing = { state: 'held', isWhole: isWhole(run.scope ?? wholeScope) } as const;
  const facts = { ...factsOf(run, standing), reason: reasonFor(run), changes: suspects, csv };
  return { ...finish('held', body, { ...run, foot: footOf(run, csv), voice, facts }), csv };
}

/** The report about a run that ended without a snapshot. */
export function composeFailureReport(run: FailedRun, voice: Voice): Report {
  const foot = [
    { label: 'Run', value: String(run.runId) },
    { label: 'Ended', value: `${formatTime(run.finishedAt)} UTC` },
    ...footOfLast(run.lastComplete),
  ];
  const { principal, finishedAt: at, lastComplete, error: reason } = run;
  const facts = { principal, at, run: eventRunWithoutSnapshot(run), lastComplete, reason };
  return finish('failure', composeFailure(run, voice), { ...run, foot, voice, facts });
}

/** The report about a principal of whom no complete run has come for too long. */
export function composeStaleReport(stale: StalePrincipal, voice: Voice): Report {
  const foot = [{ label: 'Seen', value: `${formatTime(stale.at)} UTC` }, ...footOfLast(stale.lastComplete)];
  const { principal, at, lastComplete } = stale;
  return finish('failure', composeStale(stale, voice), {
    ...stale,
    foot,
    voice,
    facts: { principal, at, lastComplete },
  });
}

/** The report about a history that is not the one that was recorded. */
export function composeMismatchReport(mismatched: MismatchedHistory, voice: Voice): Report {
  const foot = [
    { label: 'Seen', value: `${formatTime(mismatched.at)} UTC` },
    ...footOfLast(mismatched.lastMatching),
  ];
  const { principal, at, lastMatching: lastComplete } = mismatched;
  const facts = { principal, at, lastComplete, reason: mismatched.found.join('; ') };
  return finish('failure', composeMismatch(mismatched), { foot, voice, facts });
}

/** The report about the nights of a week. */
export function composeDigestReport(digest: Digest, voice: Voice): Report {
  const foot = [
    {
      label: 'Period',
      value: [digest.from, digest.to].map((at) => nameInstant(at, voice.timezone)).join(' to '),
    },
    ...chainsOf(digest),
    { label: 'Times', value: voice.timezone },
  ];
  const facts = { at: digest.to, nights: digest.principals };
  return finish('digest', composeDigest(digest, voice), { foot, voice, facts });
}

/** So many principals have the heads of their chains in a digest; `verify` prints those of all. */
const mostChains = 20;

function chainsOf({ principals }: Digest): FootLine[] {
  if (principals.length > mostChains) return [];
  return principals.map(({ principal, chain }) => ({
    label: 'Chain head',
    value: `${principals.length === 1 ? '' : `${visible(principal)}: `}${visible(chain ?? 'none')}`,
  }));
}

/** The report about the first complete run after trouble that was reported. */
export function composeRecoveryReport(run: ReportedRun, scope: Scope, voice: Voice): Report {
  return finish('recovery', composeRecovery(run, scope, voice), {
    ...run,
    foot: footOf(run, null),
    voice,
    facts: factsOf(run, { isWhole: isWhole(scope) }),
  });
}

/** The report about a night in which nothing changed that its reader would be told of. */
export function composeQuietReport(run: ReportedRun, scope: Scope, voice: Voice): Report {
  return finish('quiet', composeQuiet(run, scope, voice), {
    ...run,
    foot: footOf(run, null),
    voice,
    facts: factsOf(run, { isWhole: isWhole(scope) }),
  });
}

function factsOf(
  run: ReportedRun,
  { state = 'complete', isWhole = true }: { state?: 'complete' | 'held'; isWhole?: boolean } = {},
): Facts {
  const event = eventRunOf(run, state);
  const { principal, finishedAt: at } = run;
  return { principal, at, run: isWhole ? event : withoutStanding(event) };
}

function footOfLast(lastComplete: CompleteRun | null): FootLine[] {
  return [
    { label: 'Last complete', value: lastComplete === null ? 'none' : `run ${lastComplete.runId}` },
    { label: 'Chain head', value: lastComplete === null ? 'none' : visible(lastComplete.chain) },
  ];
}

/** What goes with what a report says. */
interface Telltale {
  foot: readonly FootLine[];
  voice: Voice;
  facts: Facts;
  /** The last nights of the principal that it is about. Default: none are told. */
  nights?: readonly Night[];
}

function finish(
  kind: ReportKind,
  body: Omit<Content, 'foot'>,
  { foot, voice, facts, nights = [] }: Telltale,
): Report {
  const { command, timezone } = voice;
  const pictures = nights.length === 0 ? {} : { nights: { nights, timezone } };
  const content = fitContent(nameCommandsIn({ ...body, ...pictures, foot }, command));
  const { headline, alert } = content;
  const subject = `${subjectMark}${content.subject}`;
  const { attention = [] } = content.overview ?? {};
  const needs = attention.map(({ text }) => text);
  const doNext = [
    ...content.steps.flatMap(({ command }) => command ?? []),
    ...attention.flatMap(({ commands }) => commands.map((one) => one.replaceAll('`', ''))),
  ];
  return {
    kind,
    subject,
    text: writeText(content),
    html: writeHtml(content),
    csv: null,
    event: { facts, kind, subject, headline, alert, needs, doNext },
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
  ];
}
