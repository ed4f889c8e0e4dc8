import { nameSpan } from '../../domain/clock-ahead.ts';
import { type InnerMatters, type PrincipalNights, type UnsentReports } from '../../domain/nights.ts';
import { shellWord } from '../../domain/shell-word.ts';
import { visible } from '../../domain/visible.ts';
import { nameDay, nameInstant } from '../time.ts';

/** What can want attention in a digest, the gravest first, as the subject counts it: one, and many. */
export const matterWording = {
  mismatch: ['history altered', 'histories altered'],
  held: ['run held', 'runs held'],
  unseen: ['principal never complete', 'principals never complete'],
  failed: ['night failed', 'nights failed'],
  missed: ['night missed', 'nights missed'],
  ahead: ['clock ahead', 'clocks ahead'],
  unsent: ['report not sent', 'reports not sent'],
  forgotten: ['principal not configured', 'principals not configured'],
  invitations: ['old invitation', 'old invitations'],
} as const;

/** What can want attention. */
export type MatterKind = keyof typeof matterWording;

/** The kinds of matters, the gravest first. */
export const matterKinds = Object.keys(matterWording) as MatterKind[];

/** Something that wants attention. */
export interface Matter {
  kind: MatterKind;
  /** How many of what the subject counts. */
  count: number;
  text: string;
  /** What to type, each between backticks. */
  commands: readonly string[];
}

/** What the matters of a digest are told by: the period that it is of, and the zone of its dates. */
export interface Occasion {
  from: Date;
  to: Date;
  timezone: string;
}

/** What of a principal wants attention, the gravest first. */
export function listMatters(nights: PrincipalNights, occasion: Occasion): Matter[] {
  return [
    ...mismatchOf(nights),
    ...holdOf(nights, occasion),
    ...neverOf(nights, occasion),
    ...nightsOf(nights, occasion),
    ...clockOf(nights, occasion),
    ...invitationsOf(nights, occasion),
  ];
}

/** Whose it is, as the option of a command, and as it is called. */
function nameOf(principal: string): { option: string; name: string } {
  return { option: `--principal ${wordOf(principal)}`, name: visible(principal) };
}

/** For a shell, and seen whole: a mail shows it. */
function wordOf(principal: string): string {
  return shellWord(visible(principal));
}

function mismatchOf({ principal, isMismatched }: PrincipalNights): Matter[] {
  if (!isMismatched) return [];
  const { name, option } = nameOf(principal);
  const text = `${name}: the history does not match what was recorded. A report of its own told which run.`;
  return [{ kind: 'mismatch', count: 1, text, commands: [`\`rollcall verify ${option}\``] }];
}

function holdOf({ principal, heldRun }: PrincipalNights, { timezone }: Occasion): Matter[] {
  if (heldRun === null) return [];
  const { runId, at } = heldRun;
  const text = `${visible(principal)}: run ${runId} of ${nameInstant(at, timezone)} is held and waits for a decision.`;
  const commands = [`\`rollcall approve ${runId}\``, `\`rollcall reject ${runId}\``];
  return [{ kind: 'held', count: 1, text, commands }];
}

function neverOf(
  { principal, lastComplete, knownSince, aheadUntil }: PrincipalNights,
  { timezone }: Occasion,
): Matter[] {
  if (lastComplete !== null || aheadUntil !== null) return [];
  const { name, option } = nameOf(principal);
  const since = knownSince === null ? '' : `, on ${nameDay(knownSince, timezone)}`;
  const text = `${name}: no complete run since it was first heard of${since}.`;
  return [{ kind: 'unseen', count: 1, text, commands: [`\`rollcall check ${option}\``] }];
}

function nightsOf(nights: PrincipalNights, { from, timezone }: Occasion): Matter[] {
  const { principal, failed, missed, lastComplete } = nights;
  const { name, option } = nameOf(principal);
  const last = lastComplete === null ? '' : ` Last complete: ${nameInstant(lastComplete, timezone)}.`;
  const since = from.toISOString().slice(0, 10);
  const count = (number: number, kind: 'failed' | 'missed'): Matter[] => {
    if (number === 0) return [];
    const text = `${name}: ${describeCount(kind, number)}${kind === 'missed' ? ', without any run' : ''}.${last}`;
    const commands =
      kind === 'failed' ? [`\`rollcall runs ${option} --since ${since}\``] : [`\`rollcall check ${option}\``];
    return [{ kind, count: number, text, commands }];
  };
  return [...count(failed, 'failed'), ...count(missed, 'missed')];
}

function clockOf({ principal, aheadUntil }: PrincipalNights, { to, timezone }: Occasion): Matter[] {
  if (aheadUntil === null) return [];
  const { name, option } = nameOf(principal);
  const text =
    `${name}: an earlier run ended at ${nameInstant(aheadUntil, timezone)} by a clock that was ahead, ` +
    `${nameSpan(aheadUntil.getTime() - to.getTime())} from now. Until then times and windows are wrong. See that every machine that runs rollcall keeps time (NTP).`;
  return [{ kind: 'ahead', count: 1, text, commands: [`\`rollcall check ${option}\``] }];
}

function invitationsOf(
  { principal, oldInvitations, oldestInvitation }: PrincipalNights,
  { to }: Occasion,
): Matter[] {
  if (oldInvitations === 0 || oldestInvitation === null) return [];
  const { name, option } = nameOf(principal);
  const days = daysBetween(oldestInvitation, to);
  const what =
    oldInvitations === 1
      ? `an invitation is ${days} days old`
      : `${oldInvitations} invitations are older than a week, the oldest ${days} days`;
  const commands = [`\`rollcall members ${option} --status invited\``];
  return [{ kind: 'invitations', count: oldInvitations, text: `${name}: ${what}.`, commands }];
}

/** What wants attention and is of no principal that is audited. */
export function listInnerMatters(
  { unsent, forgotten, unheard }: InnerMatters,
  { timezone }: Occasion,
): Matter[] {
  return [
    ...unheard.map((principal): Matter => {
      const { name, option } = nameOf(principal);
      const text = `${name}: configured, and no run of it has begun.`;
      return { kind: 'unseen', count: 1, text, commands: [`\`rollcall check ${option}\``] };
    }),
    ...unsentOf(unsent),
    ...forgotten.map(({ principal, memberships, lastComplete }): Matter => {
      const since = lastComplete === null ? '' : ` since ${nameDay(lastComplete, timezone)}`;
      const what = memberships === 1 ? '1 membership' : `${memberships} memberships`;
      const text = `${visible(principal)}: not configured, so nobody looks${since}, but current with ${what}.`;
      return {
        kind: 'forgotten',
        count: 1,
        text,
        commands: [`\`rollcall principals retire ${wordOf(principal)}\``],
      };
    }),
  ];
}

function unsentOf({ mail, webhook, states }: UnsentReports): Matter[] {
  const count = mail + webhook;
  if (count === 0) return [];
  const parts = [
    ...(mail === 0 ? [] : [mail === 1 ? '1 by mail' : `${mail} by mail`]),
    ...(webhook === 0 ? [] : [webhook === 1 ? '1 by webhook' : `${webhook} by webhook`]),
  ];
  const text = `Reports that could not be sent, or may not have arrived: ${parts.join(', ')}. \`rollcall reports resend ID\` sends one again.`;
  const commands = states.map((state) => `\`rollcall reports --state ${state}\``);
  return [{ kind: 'unsent', count, text, commands }];
}

/** `2 nights failed` */
export function describeCount(kind: MatterKind, count: number): string {
  const [one, many] = matterWording[kind];
  return `${count} ${count === 1 ? one : many}`;
}

/** Whole days from one instant to another; 0 where the first is still to come. */
export function daysBetween(from: Date, to: Date): number {
  return Math.max(0, Math.floor((to.getTime() - from.getTime()) / 86_400_000));
}
