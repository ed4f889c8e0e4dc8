import { type Change, type ChangeKind } from '../domain/change.ts';
import { type Detail, type Line, type Organization, type Section } from './content.ts';
import { isByPolicy, superAdministratorFirst } from '../domain/access.ts';
import { membersPage } from '../domain/dashboard.ts';
import { inert } from '../domain/inert.ts';
import { policyInWords } from '../domain/policy.ts';
import { endsTwoFactors, parentIdsOf, turnInWords } from '../domain/turn.ts';
import { hasLostAccess, isGrave } from './headline.ts';
import { formatMinute } from './time.ts';
import { compareNames, groupByKind, superAdministratorWording, wordings } from './wording.ts';

const linesOfAKind = 20;
const detailsOfASign = 10;

/**
 * One section for each kind of change that occurs: those with Super Administrator first, then lost access, then two factors that are off. Changes that are equal but for the organization are one
 * line. A change of the Super Administrator role comes first and by itself, so that no limit and no fold hides one behind other names.
 */
export function planSections(changes: readonly Change[], timezone: string): Section[] {
  return gravestFirst(groupByKind(changes)).map(([kind, ofKind]) => {
    const lines = linesOf(ofKind, timezone);
    const told = lines.reduce((sum, { count }) => sum + count, 0);
    return {
      kind,
      title: wordings[kind].title,
      count: ofKind.length,
      remark: remarkOn(kind, ofKind),
      lines,
      more: ofKind.length - told,
    };
  });
}

/** Where somebody became Super Administrator, or ceased to be, before all else; then lost access, and two factors that are off. */
function gravestFirst<Kind extends readonly [ChangeKind, readonly Change[]]>(kinds: readonly Kind[]): Kind[] {
  const ranks: readonly ((change: Change) => boolean)[] = [
    ({ superAdministrator }) => superAdministrator === 'gained',
    ({ superAdministrator }) => superAdministrator === 'lost',
    hasLostAccess,
    endsTwoFactors,
    () => true,
  ];
  const rank = ([, changes]: Kind) => ranks.findIndex((isSo) => changes.some(isSo));
  return kinds.toSorted((left, right) => rank(left) - rank(right));
}

function remarkOn(kind: ChangeKind, changes: readonly Change[]): string | null {
  return changes.every((change) => change.byUs || change.goneBecause !== null) ? null : wordings[kind].remark;
}

/** Those of Super Administrator each by itself, then those that are many, then the others by name: of all the grave first. */
function linesOf(changes: readonly Change[], timezone: string): Line[] {
  const isApart = ({ superAdministrator, kind }: Change) => superAdministrator !== null || kind === 'renamed';
  const [apart, rest] = [changes.filter(isApart), changes.filter((change) => !isApart(change))];
  const folds = [...Map.groupBy(rest, likenessOf).values()];
  const many = folds.filter(({ length }) => length > 1).toSorted((left, right) => right.length - left.length);
  const single = folds.filter(({ length }) => length === 1).flat();
  const alone = apart.filter(isGrave).toSorted(byName);
  const others = [...apart.filter((change) => !isGrave(change)), ...single].toSorted(byName);
  const tellOne = (change: Change) => () => describeChange(change, timezone);
  const tellFold = (fold: readonly Change[]) => () => describeFold(fold.toSorted(byName));
  const [graveFolds, otherFolds] = splitBy(many, (fold) => fold.some(isGrave));
  const [graveOnes, otherOnes] = splitBy(others, isGrave);
  return [
    ...alone.map(tellOne),
    ...graveFolds.map(tellFold),
    ...graveOnes.map(tellOne),
    ...otherFolds.map(tellFold),
    ...otherOnes.map(tellOne),
  ]
    .slice(0, linesOfAKind)
    .map((tell) => tell());
}

function splitBy<T>(all: readonly T[], isMeant: (one: T) => boolean): [meant: T[], rest: T[]] {
  return [all.filter(isMeant), all.filter((one) => !isMeant(one))];
}

/** Kinds that are told by what a value was and is. */
const kindsOfOneValue: ReadonlySet<ChangeKind> = new Set([
  'status_changed',
  'two_factor_changed',
  'api_access_changed',
  'parent_changed',
]);

/** Policies as people read them, in which an organization's own account is the same of all; roles and permissions as they are. */
function wordsOf({ kind, organizationId }: Change, set: readonly string[]): readonly string[] {
  return kind === 'policies_changed' ? set.map((line) => policyInWords(line, organizationId)) : set;
}

/** What changes have in common that are told as one. Sets are sorted already. */
function likenessOf(change: Change): string {
  const { before, after, returning, byUs, goneBecause, invitedBy } = change;
  const values = kindsOfOneValue.has(change.kind) ? [before, after] : [];
  const sets = [wordsOf(change, change.added), wordsOf(change, change.removed), change.offered].map((set) =>
    set.join('\0'),
  );
  return [...sets, ...values, returning, byUs, goneBecause, invitedBy].join('\u0001');
}

function byName(left: Change, right: Change): number {
  return (
    compareNames(
      left.organizationName ?? left.organizationId,
      right.organizationName ?? right.organizationId,
    ) || compareNames(left.organizationId, right.organizationId)
  );
}

function describeChange(change: Change, timezone: string): Line {
  const details = detailsOf(change);
  return {
    fold: null,
    count: 1,
    organizations: [organizationOf(change)],
    alert: alertOf(change),
    notes: [...turnOf(change), ...notesOn(change), ...timesOf(change, timezone)],
    ids: parentIdsOf(change),
    details,
    moreDetails: change.removed.length + change.added.length - details.length,
  };
}

/** Of the times at which such invitations were sent nothing is told: they differ. */
function describeFold(changes: readonly Change[]): Line {
  const [first] = changes;
  if (first === undefined) throw new Error('A fold has no changes.');
  const isComing = first.kind === 'joined' || first.kind === 'invitation_accepted';
  const roles = superAdministratorFirst(first.added).slice(0, detailsOfASign);
  const details = isComing ? [] : detailsOf(first);
  const as = isComing && roles.length > 0 ? ` as ${roles.map((role) => inert(role)).join(', ')}` : '';
  const told = isComing ? roles.length : details.length;
  return {
    fold: `${titleOf(first)}${as}`,
    count: changes.length,
    organizations: changes.slice(0, linesOfAKind).map(organizationOf),
    alert: null,
    notes: notesOn(first),
    ids: parentIdsOf(first),
    details,
    moreDetails: first.removed.length + first.added.length - told,
  };
}

/** What all of a fold are: of flags and parents what they turned to. */
function titleOf(change: Change): string {
  const turn = turnInWords(change);
  return turn === null ? wordings[change.kind].title : `${turn.charAt(0).toUpperCase()}${turn.slice(1)}`;
}

function detailsOf(change: Change): Detail[] {
  const signed = (sign: Detail['sign'], set: readonly string[]) => {
    const told = superAdministratorFirst(set).slice(0, detailsOfASign);
    return wordsOf(change, told).map((text) => ({ sign, text: inert(text) }));
  };
  return [...signed('−', change.removed), ...signed('+', change.added)];
}

function organizationOf(change: Change): Organization {
  const { organizationName: name, organizationId } = change;
  return {
    name: name === null || name.trim() === '' ? null : inert(name),
    id: inert(organizationId),
    href: isGrave(change) ? membersPage(organizationId) : null,
  };
}

function alertOf(change: Change): string | null {
  const { superAdministrator: step } = change;
  if (step !== null) return `${superAdministratorWording[step]}${isByPolicy(change) ? ' by a policy' : ''}`;
  return endsTwoFactors(change) ? turnInWords(change) : null;
}

/** What a flag or a parent turned to, unless that is the alert. */
function turnOf(change: Change): string[] {
  const turn = turnInWords(change);
  return turn === null || endsTwoFactors(change) ? [] : [turn];
}

function notesOn(change: Change): string[] {
  const { kind, before, after, returning, byUs, goneBecause, invitedBy } = change;
  const notes: string[] = [...offerOf(change)];
  if (kind === 'renamed') notes.push(`formerly ${inert(before ?? 'unknown')}`);
  if (kind === 'status_changed') notes.push(`${inert(before ?? 'unknown')} → ${inert(after ?? 'unknown')}`);
  if (returning) notes.push('was here before');
  if (byUs) notes.push('we left it');
  if (goneBecause !== null) notes.push(goneBecause);
  if (invitedBy !== null) notes.push(`invited by ${inert(invitedBy)}`);
  return notes;
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

/** When the invitation was sent, and until when it holds: as far as Cloudflare lets one read it. */
function timesOf({ invitedOn, expiresOn }: Change, timezone: string): string[] {
  return [
    ...(invitedOn === null ? [] : [`on ${formatMinute(invitedOn, timezone)} (${timezone})`]),
    ...(expiresOn === null ? [] : [`expiry ${formatMinute(expiresOn, timezone)} (${timezone})`]),
  ];
}
