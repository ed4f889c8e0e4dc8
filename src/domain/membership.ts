import { isDeepStrictEqual } from 'node:util';

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
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
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
  return isDeepStrictEqual(left, right);
}
