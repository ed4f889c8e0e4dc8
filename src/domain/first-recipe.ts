import { hash } from 'node:crypto';
import { type JsonRow } from './seal.ts';

/**
 * The digest of a snapshot by the first recipe, which PostgreSQL wrote (docs/history.md, "Runs of before"): of memberships
 * under the names of their columns, in the order of `byOrganizationId`.
 */
export function firstDigestOf(memberships: readonly JsonRow[]): string {
  const fields = ['organization_id', 'organization_name', 'status', 'roles', 'permissions'];
  const lines = memberships.map(
    (membership) => `[${fields.map((field) => JSON.stringify(membership[field] ?? null)).join(', ')}]`,
  );
  return hash('sha256', lines.join('\n'), 'hex');
}

/** The chain after a run's link by the first recipe. */
export function firstChainOf(run: JsonRow, previous: string | null): string {
  const parts = [previous ?? '', run['id'], run['chained_name'], run['finished_at'], run['digest']];
  return hash('sha256', parts.map(String).join('\n'), 'hex');
}
