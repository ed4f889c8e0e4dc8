import { sql, type SQL } from 'drizzle-orm';

/**
 * SHA-256, in hex, of the snapshot in the staged memberships: one line of JSON for each, in the order of the
 * organization ids' bytes, lines joined by LF.
 */
export const snapshotDigest: SQL = sql`(
  select encode(sha256(convert_to(coalesce(string_agg(
    json_build_array(organization_id, organization_name, status, roles, permissions)::text,
    E'\n' order by organization_id collate "C"
  ), ''), 'UTF8')), 'hex')
  from pg_temp.staged_memberships
)`;

export interface ChainLink {
  /** The chain of the complete run before; `null` at the principal's first. */
  previous: string | null;
  runId: number;
  principal: string;
  finishedAt: Date;
}

/** SHA-256, in hex, over the previous link, what this run is, and its digest: each part on a line of its own. */
export function extendChain({ previous, runId, principal, finishedAt }: ChainLink, digest: SQL): SQL {
  const parts = sql`concat_ws(E'\n', ${previous ?? ''}::text, ${runId}::text, ${principal}::text, ${finishedAt.toISOString()}::text, ${digest})`;
  return sql`encode(sha256(convert_to(${parts}, 'UTF8')), 'hex')`;
}
