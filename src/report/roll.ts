import { type Membership, membershipColumns, membershipRow } from '../domain/membership.ts';
import { type ColumnValue } from './columns.ts';

/** A membership as it stands on the roll of a principal. */
export interface RollEntry {
  principal: string;
  membership: Membership;
  /** Since when it is as it is. */
  since: Date;
  /** When it was last seen. */
  seenAt: Date | null;
}

/** The columns of a roll, for `members` and the file of a baseline. */
export const rollColumns: readonly string[] = ['principal', ...membershipColumns, 'since', 'seen_at'];

/** An entry under the names of {@link rollColumns}. */
export function rollRow({ principal, membership, since, seenAt }: RollEntry): Record<string, ColumnValue> {
  return { principal, ...membershipRow(membership), since, seen_at: seenAt };
}
