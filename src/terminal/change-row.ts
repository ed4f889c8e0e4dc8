import { type Change } from '../domain/change.ts';
import { type Row } from './rows.ts';

/** A change under the names that the database has for its columns. */
export function changeRow(change: Change) {
  return {
    change_id: change.id,
    run_id: change.runId,
    principal: change.principal,
    category: change.category,
    kind: change.kind,
    organization_id: change.organizationId,
    organization_name: change.organizationName,
    before: change.before,
    after: change.after,
    added: change.added,
    removed: change.removed,
    not_before: change.notBefore,
    not_after: change.notAfter,
    returning: change.returning,
    by_us: change.byUs,
    invited_by: change.invitedBy,
    invited_on: change.invitedOn,
    expires_on: change.expiresOn,
    gone_because: change.goneBecause,
  } satisfies Row;
}
