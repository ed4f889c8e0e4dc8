import { type Change, type ChangeKind } from '../domain/change.ts';
import { type Detail, type Line, type Section } from './content.ts';
import { superAdministratorFirst } from '../domain/access.ts';
import { inert } from '../domain/inert.ts';
import { formatTime, groupByKind, superAdministratorWording, wordings } from './wording.ts';

const linesOfAKind = 20;
const detailsOfASign = 10;

/**
 * One section for each kind of change that occurs, lost access first. Within a section a change of the Super
 * Administrator role comes first, so that the limit never hides one behind other names.
 */
export function planSections(changes: readonly Change[]): Section[] {
  return groupByKind(changes).map(([kind, ofKind]) => ({
    kind,
    title: wordings[kind].title,
    count: ofKind.length,
    remark: remarkOn(kind, ofKind),
    lines: ofKind.toSorted(byWeightAndName).slice(0, linesOfAKind).map(describeChange),
    more: Math.max(0, ofKind.length - linesOfAKind),
  }));
}

function remarkOn(kind: ChangeKind, changes: readonly Change[]): string | null {
  return changes.every((change) => change.byUs || change.goneBecause !== null) ? null : wordings[kind].remark;
}

function byWeightAndName(left: Change, right: Change): number {
  return (
    Number(alertOf(left) === null) - Number(alertOf(right) === null) ||
    compareText(
      left.organizationName ?? left.organizationId,
      right.organizationName ?? right.organizationId,
    ) ||
    compareText(left.organizationId, right.organizationId)
  );
}

function compareText(left: string, right: string): number {
  return left.localeCompare(right, 'en');
}

function describeChange(change: Change): Line {
  const details = [...detailsOf('−', change.removed), ...detailsOf('+', change.added)];
  return {
    organizationName: nameOf(change),
    organizationId: inert(change.organizationId),
    alert: alertOf(change),
    notes: notesOn(change),
    details,
    moreDetails: change.removed.length + change.added.length - details.length,
  };
}

function detailsOf(sign: Detail['sign'], set: readonly string[]): Detail[] {
  return superAdministratorFirst(set)
    .slice(0, detailsOfASign)
    .map((text) => ({ sign, text: inert(text) }));
}

function nameOf({ organizationName }: Change): string | null {
  return organizationName === null || organizationName.trim() === '' ? null : inert(organizationName);
}

function alertOf({ superAdministrator }: Change): string | null {
  return superAdministrator === null ? null : superAdministratorWording[superAdministrator];
}

function notesOn(change: Change): string[] {
  const { kind, before, after, returning, byUs, goneBecause } = change;
  const notes: string[] = [...offerOf(change)];
  if (kind === 'renamed') notes.push(`formerly ${inert(before ?? 'unknown')}`);
  if (kind === 'status_changed') notes.push(`${inert(before ?? 'unknown')} → ${inert(after ?? 'unknown')}`);
  if (returning) notes.push('was here before');
  if (byUs) notes.push('we left it');
  if (goneBecause !== null) notes.push(goneBecause);
  return [...notes, ...invitationOf(change)];
}

/** What an invitation offers, or offered where there is none any more. */
function offerOf({ offered, kind, after }: Change): string[] {
  if (offered.length === 0 || kind === 'invitation_accepted') return [];
  const shown = superAdministratorFirst(offered).slice(0, detailsOfASign);
  const more = offered.length - shown.length;
  const isOffered = after === 'invited' || kind === 'invitation_changed';
  const roles = shown.map((role) => inert(role)).join(', ');
  return [`${isOffered ? 'offers' : 'offered'} ${roles}${more > 0 ? `, and ${more} more in the CSV` : ''}`];
}

/** Who sent the invitation, when, and until when it holds: as far as Cloudflare lets one read it. */
function invitationOf({ invitedBy, invitedOn, expiresOn }: Change): string[] {
  return [
    ...(invitedBy === null ? [] : [`invited by ${inert(invitedBy)}`]),
    ...(invitedOn === null ? [] : [`on ${formatTime(invitedOn)}`]),
    ...(expiresOn === null ? [] : [`expiry ${formatTime(expiresOn)}`]),
  ];
}
