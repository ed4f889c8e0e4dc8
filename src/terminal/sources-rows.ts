import { type ForeseenChange, type SourceDifference } from '../domain/changing-over.ts';
import { describeError } from '../domain/errors.ts';
import { countByStatus } from '../domain/membership.ts';
import { type RunSource, runSources, sourcePaths } from '../domain/run.ts';
import { type SourceReading } from '../pipeline/sources.ts';
import { type Row, type Rows } from './rows.ts';
import { type SourcesTold } from './sources-told.ts';

/** A row for each difference. */
export function tabulateDifferences(all: readonly SourcesTold[]): Rows {
  const rows = all.flatMap(({ principal, comparison }) =>
    (comparison?.differences ?? []).map((difference) => ({
      principal,
      organization: difference.organizationName ?? difference.organizationId,
      ...differenceRow(difference),
    })),
  );
  return {
    rows,
    columns: ['principal', 'organization_id', 'organization_name', 'differs_in', ...runSources],
    table: ['organization_id', 'organization', 'differs_in', ...runSources],
    dispensable: ['organization_id'],
    headings: sourcePaths,
    whenEmpty: '',
  };
}

function differenceRow({ organizationId, organizationName, differsIn, told }: SourceDifference): Row {
  return {
    organization_id: organizationId,
    organization_name: organizationName,
    differs_in: differsIn,
    ...told,
  };
}

/** What `sources --json` prints. */
export function sourcesToJson(all: readonly SourcesTold[]) {
  return {
    principals: all.map(({ principal, source, readings, comparison, changingOver, known }) => ({
      principal,
      source,
      ...Object.fromEntries(runSources.map((one) => [one, readingToJson(one, readings[one])])),
      in_both: comparison?.inBoth ?? null,
      differences: comparison?.differences.map(differenceRow) ?? null,
      changing_over:
        changingOver === null
          ? null
          : {
              to: changingOver.to,
              held_because: changingOver.heldBecause,
              changes: changingOver.changes.map(changeToJson),
            },
      known_by_memberships:
        known === null
          ? null
          : {
              memberships: known.memberships,
              policies: known.policies,
              two_factor_enforced: known.twoFactorEnforced,
              api_access: known.apiAccess,
              parent_organization: known.parentOrganization,
            },
    })),
  };
}

function readingToJson(source: RunSource, reading: SourceReading): Record<string, unknown> {
  const endpoint = sourcePaths[source];
  if (reading.outcome === 'unread') return { endpoint, error: describeError(reading.error) };
  const { memberships, declined, pages } = reading.listing;
  return { endpoint, error: null, ...countByStatus(memberships), rejected: declined.length, pages };
}

function changeToJson(change: ForeseenChange): Record<string, unknown> {
  return {
    category: change.category,
    kind: change.kind,
    organization_id: change.organizationId,
    organization_name: change.organizationName,
    before: change.before,
    after: change.after,
    added: change.added,
    removed: change.removed,
    gone_because: change.goneBecause,
    offered: change.offered,
    super_administrator: change.superAdministrator,
  };
}
