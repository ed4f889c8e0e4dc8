import {
  type Access,
  accessOf,
  namesSuperAdministrator,
  stepOfSuperAdministrator,
  type SuperAdministratorStep,
  without,
} from './access.ts';
import { type ChangeKind, type Difference, kinds } from './change.ts';
import { onlyFields } from './compared-fields.ts';
import {
  compareCodePoints,
  fieldNames,
  type FieldType,
  type Membership,
  type MembershipField,
  membershipFields,
} from './membership.ts';
import { parentIdIn } from './parent-organization.ts';

/** One membership before and after; `null` where there was or is none. Never both. */
export interface Pair {
  before: Membership | null;
  after: Membership | null;
}

/**
 * Of which kind a difference in a field is, in a membership that is a member before and after. A membership's own id is kept
 * for looking it up; that it is another one is told by what else is.
 */
const kindOfField = {
  organizationName: 'renamed',
  status: 'status_changed',
  roles: 'roles_changed',
  permissions: 'permissions_changed',
  membershipId: null,
  twoFactorEnforced: 'two_factor_changed',
  apiAccess: 'api_access_changed',
  policies: 'policies_changed',
  parentOrganization: 'parent_changed',
} as const satisfies Record<MembershipField, ChangeKind | null>;

type FieldOf<Type extends FieldType> = {
  [Field in MembershipField]: (typeof membershipFields)[Field] extends Type ? Field : never;
}[MembershipField];
type SetField = FieldOf<'set'>;
type ValueField = Exclude<FieldOf<'text' | 'flag'>, 'status' | 'membershipId'>;

/** In the order of the list, roles before permissions. */
const setFields = fieldNames.filter((field): field is SetField => membershipFields[field] === 'set');
const valueFields = fieldNames.filter(
  (field): field is ValueField =>
    field !== 'status' && field !== 'membershipId' && membershipFields[field] !== 'set',
);

/**
 * Every difference between the two in these fields, in the order of their kinds' names; none when they say the same. A name
 * or a set that was not known before, or is not now, is none. A change of status tells the whole difference in access.
 */
export function tellDifferences(pair: Pair, fields: readonly MembershipField[] = fieldNames): Difference[] {
  const step = stepBetween(pair.before, pair.after);
  const known = comparable(pair, fields);
  const differences = [
    ...(step === null ? tellSets(known, pair) : [tellStep(step, pair)]),
    ...tellValues(known),
  ];
  return differences.sort((left, right) => compareCodePoints(left.kind, right.kind));
}

/**
 * Both with what is compared and known of both, and nothing else: what is seen for the first time is no difference. But
 * policies that are told at last, and give Super Administrator where nothing else does, are told as such.
 */
function comparable({ before, after }: Pair, fields: readonly MembershipField[]): Pair {
  if (before === null || after === null) return { before, after };
  const was = revealsSuperAdministrator(before, after) ? { ...before, policies: [] } : before;
  const isKnown = (field: MembershipField) => was[field] !== null && after[field] !== null;
  const known = fieldNames.filter(
    (field) =>
      field === 'organizationName' || field === 'status' || (fields.includes(field) && isKnown(field)),
  );
  if (known.length === fieldNames.length) return { before: was, after };
  return { before: onlyFields(was, known), after: onlyFields(after, known) };
}

/** Whether policies that were not known before give what no role gave or gives. */
function revealsSuperAdministrator(before: Membership, after: Membership): boolean {
  return (
    before.policies === null &&
    namesSuperAdministrator({ policies: after.policies }) &&
    !namesSuperAdministrator({ roles: before.roles }) &&
    // That roles give it now is told by themselves, where those before are known.
    (before.roles === null || !namesSuperAdministrator({ roles: after.roles }))
  );
}

/** What a step from one status to another is called, and its ends; `null` when the status is the same. */
interface Step {
  kind: ChangeKind;
  before: string;
  after: string;
}

/** A status that is given at last, where the membership was told as of an unknown one, is a step; one left out is none. */
function isSameStatus(before: string | null, after: string | null): boolean {
  return after === null || before === after;
}

/** Steps by the standing before and after. Every other is to or from a status that this version does not know. */
const steps: Readonly<Record<string, ChangeKind>> = {
  'absent member': 'joined',
  'member absent': 'left',
  'absent invited': 'invited',
  'invited member': 'invitation_accepted',
  'invited absent': 'invitation_gone',
  'member invited': 'invitation_replaced_membership',
};

function stepBetween(before: Membership | null, after: Membership | null): Step | null {
  if (before !== null && after !== null && isSameStatus(before.status, after.status)) return null;
  const kind = steps[`${standsAs(before)} ${standsAs(after)}`] ?? kindOfField.status;
  return { kind, before: describeStatus(before), after: describeStatus(after) };
}

/** Of what stands in {@link steps}; no status of the API's can be taken for our `absent`. */
function standsAs(membership: Membership | null): 'absent' | 'member' | 'invited' | 'other' {
  if (membership === null) return 'absent';
  const { status } = membership;
  return status === 'member' || status === 'invited' ? status : 'other';
}

/** Our own words for a membership that is not there and a status that is not told; the same words of the API's in quotes. */
export function describeStatus(membership: Membership | null): string {
  if (membership === null) return 'absent';
  const { status } = membership;
  if (status === null) return 'unknown';
  return status === 'absent' || status === 'unknown' ? JSON.stringify(status) : status;
}

function tellStep({ kind, before, after }: Step, pair: Pair): Difference {
  const had = accessOf(pair.before);
  const has = accessOf(pair.after);
  return {
    ...aboutBoth(pair, kind),
    before,
    after,
    added: without(has.has, had.has),
    removed: without(had.has, has.has),
    offered: offerOf(pair, had, has),
    superAdministrator: stepOfSuperAdministrator(had, has, kind === 'invitation_accepted'),
  };
}

function offerOf({ after }: Pair, had: Access, has: Access): readonly string[] {
  return after?.status === 'invited' ? has.offered : had.offered;
}

/** Differences of sets in a membership whose status stayed as it was. An invitation that differs is one difference. */
function tellSets({ before, after }: Pair, whole: Pair): Difference[] {
  if (before === null || after === null) return [];
  const different = setFields.filter((field) => isDifferentSet(before[field], after[field]));
  const told = after.status === 'invited' ? different.slice(0, 1) : different;
  // One of them alone tells what happened to Super Administrator: the one by which it happened.
  const names = (field: SetField, of: Membership) => namesSuperAdministrator({ [field]: of[field] });
  const cause = told.find((field) => names(field, before) !== names(field, after)) ?? told[0];
  const step = stepAsKnown({ before, after }, whole);
  return told.map((field) => ({
    ...tellSet(field, { before, after }),
    superAdministrator: field === cause ? step : null,
  }));
}

/**
 * What happened to Super Administrator by what is known of both. What all of it shows to be there before is not gained, and
 * what it shows to be there after is not lost.
 */
function stepAsKnown(known: Pair, { before, after }: Pair): SuperAdministratorStep | null {
  const step = stepOfSuperAdministrator(accessOf(known.before), accessOf(known.after));
  const [had, has] = [accessOf(before), accessOf(after)];
  const isSo = {
    gained: !had.hasSuperAdministrator,
    lost: !has.hasSuperAdministrator,
    offered: !had.isOfferedSuperAdministrator,
    offer_gone: !has.isOfferedSuperAdministrator,
  };
  return step !== null && isSo[step] ? step : null;
}

function tellSet(
  field: SetField,
  pair: { before: Membership; after: Membership },
): Omit<Difference, 'superAdministrator'> {
  const before = pair.before[field] ?? [];
  const after = pair.after[field] ?? [];
  const { status } = pair.after;
  return {
    ...aboutBoth(pair, status === 'invited' ? 'invitation_changed' : kindOfField[field]),
    before: before.join('; '),
    after: after.join('; '),
    added: status === 'member' ? without(after, before) : [],
    removed: status === 'member' ? without(before, after) : [],
    offered: accessOf(pair.after).offered,
  };
}

function tellValues(pair: Pair): Difference[] {
  return valueFields.flatMap((field) => {
    const before = pair.before?.[field] ?? null;
    const after = pair.after?.[field] ?? null;
    if (before === null || after === null) return [];
    const [was, is] = [String(before), String(after)];
    if (sameBy(field, was) === sameBy(field, is)) return [];
    const nothing = { added: [], removed: [], offered: [], superAdministrator: null };
    return [{ ...aboutBoth(pair, kindOfField[field]), before: was, after: is, ...nothing }];
  });
}

/** What of a value makes it another one. */
function sameBy(field: ValueField, value: string): string {
  return field === 'parentOrganization' ? parentIdIn(value) : value;
}

function aboutBoth({ before, after }: Pair, kind: ChangeKind) {
  return {
    came: before === null,
    went: after === null,
    category: kinds[kind],
    kind,
    organizationId: after?.organizationId ?? before?.organizationId ?? '',
    organizationName: after?.organizationName ?? before?.organizationName ?? null,
  };
}

function isDifferentSet(before: readonly string[] | null, after: readonly string[] | null): boolean {
  if (before === null || after === null) return false;
  return before.length !== after.length || before.some((value, index) => value !== after[index]);
}
