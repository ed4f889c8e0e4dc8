import { type Column, type ColumnKind, type Table } from '../data.ts';

/** A column to be: what it says of each row. */
export interface ColumnOf<Row> {
  heading: string;
  kind: ColumnKind;
  /** Whether a reader may choose one of its words. Default: no. */
  isChoice?: boolean;
  /** What the page says where there is nothing. Default: nothing. */
  none?: string;
  read: (row: Row) => number;
}

/** A table of these rows. `order` is as in {@link Table}. */
export function tableOf<Row>(
  { id, order }: Pick<Table, 'id' | 'order'>,
  rows: readonly Row[],
  columns: Readonly<Record<string, ColumnOf<Row>>>,
): Table {
  const filled = Object.entries(columns).map(
    ([key, { heading, kind, isChoice = false, none = '', read }]): Column => ({
      key,
      heading,
      kind,
      isChoice,
      none,
      values: rows.map(read),
    }),
  );
  return { id, order, columns: filled, rows: rows.length };
}

/** An instant as a column has it. */
export function timeOf(instant: Date | null): number {
  return instant?.getTime() ?? -1;
}

/** A word of ours, as people read it: `roles_changed` is `roles changed`. */
export function wordOf(word: string): string {
  return word.replaceAll('_', ' ');
}

/** Orders texts as people do; the same for everybody, wherever the page is made. */
export const compareTexts = new Intl.Collator('en', { numeric: true }).compare;

interface NamedMembership {
  principal: string;
  organizationId: string;
  organizationName: string | null;
}

/** Memberships by the organization's name, then by its id, then by principal. */
export function byNameThenPrincipal(left: NamedMembership, right: NamedMembership): number {
  return (
    compareTexts(
      left.organizationName ?? left.organizationId,
      right.organizationName ?? right.organizationId,
    ) ||
    compareTexts(left.organizationId, right.organizationId) ||
    compareTexts(left.principal, right.principal)
  );
}
