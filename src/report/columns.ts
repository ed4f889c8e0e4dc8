import { type Change } from '../domain/change.ts';

/** What a column of changes holds: text from outside is guarded in a CSV, all else is ours. */
export type ColumnValue = string | number | boolean | Date | readonly string[] | null;

/**
 * The columns of a change, under the names of the database: the one list of them, for CSV, JSON and the docs. Columns
 * are added only at the right: people's scripts read them by place.
 */
export const changeColumns = {
  change_id: (change) => change.id,
  run_id: (change) => change.runId,
  principal: (change) => change.principal,
  category: (change) => change.category,
  kind: (change) => change.kind,
  organization_id: (change) => change.organizationId,
  organization_name: (change) => change.organizationName,
  before: (change) => change.before,
  after: (change) => change.after,
  added: (change) => change.added,
  removed: (change) => change.removed,
  not_before: (change) => change.notBefore,
  not_after: (change) => change.notAfter,
  returning: (change) => change.returning,
  by_us: (change) => change.byUs,
  invited_by: (change) => change.invitedBy,
  invited_on: (change) => change.invitedOn,
  expires_on: (change) => change.expiresOn,
  gone_because: (change) => change.goneBecause,
  offered: (change) => change.offered,
  super_administrator: (change) => change.superAdministrator,
} as const satisfies Record<string, (change: Change) => ColumnValue>;

/** The names of {@link changeColumns}, in its order. */
export const changeColumnNames: readonly string[] = Object.keys(changeColumns);

/** A change under the names of its columns. */
export function changeRow(change: Change): Record<string, ColumnValue> {
  return Object.fromEntries(Object.entries(changeColumns).map(([name, read]) => [name, read(change)]));
}
