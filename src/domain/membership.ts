/**
 * What the API says of one principal in one organization. A field is `null` where the API did not say: unknown,
 * which is neither a value nor a change.
 */
export interface Membership {
  organizationId: string;
  organizationName: string | null;
  /** `member`, `invited`, or a status that this version does not know. */
  status: string | null;
  /** A set: sorted, without repeats. */
  roles: readonly string[] | null;
  /** A set: sorted, without repeats. */
  permissions: readonly string[] | null;
  /** The membership's own id, which only `/memberships` tells, as it does all that follows. */
  membershipId: string | null;
  /** Whether the organization asks two factors of its members. */
  twoFactorEnforced: boolean | null;
  /** Whether this user may use the API there. Told of enterprise accounts alone. */
  apiAccess: boolean | null;
  /** A set of lines as `policyLine` writes them: what each policy allows or denies, and where. */
  policies: readonly string[] | null;
  /** The organization above it, as `parentText` writes it. */
  parentOrganization: string | null;
}

/** What a field holds: one text, a set of texts, or yes or no. */
export type FieldType = 'text' | 'set' | 'flag';

/** A field that may differ while the membership stays the same one: any but the id. */
export type MembershipField = Exclude<keyof Membership, 'organizationId'>;

/**
 * Every field that may differ while the membership stays the same one: the one list of them. The tables, what is
 * staged and compared, digests, readings and the commands' columns are made from it.
 */
export const membershipFields = {
  organizationName: 'text',
  status: 'text',
  roles: 'set',
  permissions: 'set',
  membershipId: 'text',
  twoFactorEnforced: 'flag',
  apiAccess: 'flag',
  policies: 'set',
  parentOrganization: 'text',
} as const satisfies Record<MembershipField, FieldType>;

/** The names of the fields, in the order in which everything lists them. */
export const fieldNames = Object.keys(membershipFields) as readonly MembershipField[];

/** The name that the database, JSON and CSV have for a field: `organizationName` is `organization_name`. */
export function columnOf(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A membership under the names of the database's columns. */
export type MembershipRow = Readonly<Record<string, Membership[keyof Membership]>>;

/** All that may be known of a membership, unknown. */
export const nothingKnown: Readonly<Omit<Membership, 'organizationId'>> = {
  organizationName: null,
  status: null,
  roles: null,
  permissions: null,
  membershipId: null,
  twoFactorEnforced: null,
  apiAccess: null,
  policies: null,
  parentOrganization: null,
};

/** The columns of {@link membershipRow}, in its order. */
export const membershipColumns: readonly string[] = ['organizationId', ...fieldNames].map(columnOf);

/** A membership under the names that the database has for its columns. */
export function membershipRow(membership: Membership): MembershipRow {
  return Object.fromEntries(
    (['organizationId', ...fieldNames] as const).map((field) => [columnOf(field), membership[field]]),
  );
}

/** Sorted by code point, without repeats: one spelling for one set. */
export function normalizeSet(values: readonly string[]): string[] {
  return [...new Set(values.map(storableText))].sort(compareCodePoints);
}

/**
 * Text as Postgres can store it. NUL, which no Postgres text may hold, becomes its visible sign U+2400, half a
 * surrogate pair becomes U+FFFD, and U+FEFF at the beginning, which PGlite takes for a byte order mark and drops, the
 * like of it that is not one, U+2060; everything else comes through whole. An organization's name is chosen by
 * strangers, so a name that cannot be stored must not be able to end a night.
 */
export function storableText(text: string): string {
  return text
    .replaceAll('\0', '\u2400')
    .replace(/^\uFEFF/, '\u2060')
    .toWellFormed();
}

/** Orders as Postgres does under the "C" collation in UTF-8, which UTF-16 order is not beyond U+FFFF. */
export function compareCodePoints(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = weightAt(left, index) - weightAt(right, index);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Surrogates stand for what lies beyond U+FFFF: they come after every other code unit. */
function weightAt(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

/** Memberships by organization id, which is what keys them; names change and are not unique. */
export function byOrganizationId(left: Membership, right: Membership): number {
  return compareCodePoints(left.organizationId, right.organizationId);
}

/** Whether the API left out any of these fields of it. */
export function hasUnknown(membership: Membership, fields: readonly MembershipField[]): boolean {
  return fields.some((field) => membership[field] === null);
}

/** What was seen of a membership, with what the API left out of these fields this time as it was last known. */
export function fillUnknown(
  seen: Membership,
  known: Membership | undefined,
  fields: readonly MembershipField[],
): Membership {
  if (known === undefined || !hasUnknown(seen, fields)) return seen;
  const filled = fields.map((field) => [field, seen[field] ?? known[field]]);
  return { ...seen, ...Object.fromEntries(filled) } as Membership;
}

/** Memberships by status; `other` is any status that this version does not know, or none. */
export interface StatusCounts {
  members: number;
  invited: number;
  other: number;
}

/** Among which of the counts a membership belongs. */
export function standingOf({ status }: Membership): keyof StatusCounts {
  if (status === 'member') return 'members';
  return status === 'invited' ? 'invited' : 'other';
}

/** How many memberships are of which status. */
export function countByStatus(memberships: readonly Membership[]): StatusCounts {
  const counts = { members: 0, invited: 0, other: 0 };
  for (const membership of memberships) counts[standingOf(membership)] += 1;
  return counts;
}
