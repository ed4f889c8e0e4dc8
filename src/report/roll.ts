import { toldByBoth } from '../domain/compared-fields.ts';
import { columnOf, fieldNames, type Membership, membershipRow } from '../domain/membership.ts';
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

/** The columns of a roll, for `members` and the file of a baseline: as the view has them, what is added at the right. */
export const rollColumns: readonly string[] = [
  'principal',
  ...['organizationId', ...toldByBoth].map(columnOf),
  'since',
  'seen_at',
  ...fieldNames.filter((field) => !toldByBoth.includes(field)).map(columnOf),
];

/** An entry under the names of {@link rollColumns}, in its order. */
export function rollRow({ principal, membership, since, seenAt }: RollEntry): Record<string, ColumnValue> {
  const row: Record<string, ColumnValue> = {
    principal,
    ...membershipRow(membership),
    since,
    seen_at: seenAt,
  };
  return Object.fromEntries(rollColumns.map((column) => [column, row[column] ?? null]));
}
