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
}

/** Sorted by code point, without repeats: one spelling for one set. */
export function normalizeSet(values: readonly string[]): string[] {
  return [...new Set(values.map(storableText))].sort(compareCodePoints);
}

/**
 * Text as Postgres can store it. NUL, which no Postgres text may hold, becomes its visible sign U+2400, and half a
 * surrogate pair becomes U+FFFD; everything else comes through whole. An organization's name is chosen by
 * strangers, so a name that cannot be stored must not be able to end a night.
 */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\u2400').toWellFormed();
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

/** What was seen, with what the API left out this time as it was last known. */
export function fillUnknown(seen: readonly Membership[], known: readonly Membership[]): Membership[] {
  const before = new Map(known.map((membership) => [membership.organizationId, membership]));
  return seen.map((membership) => {
    const last = before.get(membership.organizationId);
    return {
      organizationId: membership.organizationId,
      organizationName: membership.organizationName ?? last?.organizationName ?? null,
      status: membership.status ?? last?.status ?? null,
      roles: membership.roles ?? last?.roles ?? null,
      permissions: membership.permissions ?? last?.permissions ?? null,
    };
  });
}

/** Whether two rolls, each ordered by organization id, say the same of everybody. */
export function isSameRoll(left: readonly Membership[], right: readonly Membership[]): boolean {
  return left.length === right.length && left.every((membership, index) => isSame(membership, right[index]));
}

function isSame(left: Membership, right: Membership | undefined): boolean {
  return (
    left.organizationId === right?.organizationId &&
    left.organizationName === right.organizationName &&
    left.status === right.status &&
    isSameSet(left.roles, right.roles) &&
    isSameSet(left.permissions, right.permissions)
  );
}

function isSameSet(left: readonly string[] | null, right: readonly string[] | null): boolean {
  if (left === null || right === null) return left === right;
  return left.length === right.length && left.every((value, index) => value === right[index]);
}
