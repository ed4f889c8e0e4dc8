import { type Access, accessOf, stepOfSuperAdministrator, without } from './access.ts';
import { type ChangeKind, type Difference, kinds } from './change.ts';
import {
  compareCodePoints,
  fieldNames,
  type FieldType,
  type Membership,
  type MembershipField,
  membershipFields,
} from './membership.ts';

/** One membership before and after; `null` where there was or is none. Never both. */
export interface Pair {
  before: Membership | null;
  after: Membership | null;
}

/** Of which kind a difference in a field is, in a membership that is a member before and after. */
const kindOfField = {
  organizationName: 'renamed',
  status: 'status_changed',
  roles: 'roles_changed',
  permissions: 'permissions_changed',
} as const satisfies Record<MembershipField, ChangeKind>;

type FieldOf<Type extends FieldType> = {
  [Field in MembershipField]: (typeof membershipFields)[Field] extends Type ? Field : never;
}[MembershipField];
type SetField = FieldOf<'set'>;
type TextField = Exclude<FieldOf<'text'>, 'status'>;

/** In the order of the list, roles before permissions. */
const setFields = fieldNames.filter((field): field is SetField => membershipFields[field] === 'set');
const textFields = fieldNames.filter(
  (field): field is TextField => field !== 'status' && membershipFields[field] === 'text',
);

/**
 * Every difference between the two, in the order of their kinds' names; none when they say the same. A name or a set that
 * was not known before, or is not now, is none. A change of status tells the whole difference in access.
 */
export function tellDifferences({ before, after }: Pair): Difference[] {
  const step = stepBetween(before, after);
  const differences = [
    ...(step === null ? tellSets({ before, after }) : [tellStep(step, { before, after })]),
    ...tellTexts({ before, after }),
  ];
  return differences.sort((left, right) => compareCodePoints(left.kind, right.kind));
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
function tellSets({ before, after }: Pair): Difference[] {
  if (before === null || after === null) return [];
  const different = setFields.filter((field) => isDifferentSet(before[field], after[field]));
  const told = after.status === 'invited' ? different.slice(0, 1) : different;
  return told.map((field) => tellSet(field, { before, after }));
}

function tellSet(field: SetField, pair: { before: Membership; after: Membership }): Difference {
  const before = pair.before[field] ?? [];
  const after = pair.after[field] ?? [];
  const { status } = pair.after;
  const [had, has] = [accessOf(pair.before), accessOf(pair.after)];
  return {
    ...aboutBoth(pair, status === 'invited' ? 'invitation_changed' : kindOfField[field]),
    before: before.join('; '),
    after: after.join('; '),
    added: status === 'member' ? without(after, before) : [],
    removed: status === 'member' ? without(before, after) : [],
    offered: has.offered,
    superAdministrator: field === 'roles' ? stepOfSuperAdministrator(had, has) : null,
  };
}

function tellTexts(pair: Pair): Difference[] {
  return textFields.flatMap((field) => {
    const before = pair.before?.[field] ?? null;
    const after = pair.after?.[field] ?? null;
    if (!isDifferent(before, after)) return [];
    const nothing = { added: [], removed: [], offered: [], superAdministrator: null };
    return [{ ...aboutBoth(pair, kindOfField[field]), before, after, ...nothing }];
  });
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

/** Both known, and not the same. */
function isDifferent(before: string | null, after: string | null): boolean {
  return before !== null && after !== null && before !== after;
}

function isDifferentSet(before: readonly string[] | null, after: readonly string[] | null): boolean {
  if (before === null || after === null) return false;
  return before.length !== after.length || before.some((value, index) => value !== after[index]);
}
