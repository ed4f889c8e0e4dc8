import { type ListEndpoint } from './endpoints.ts';
import { type MembershipFacts } from './membership-facts.ts';

/** What both listings tell of a membership, each in words of its own; these are those of `/user/organizations`. */
export interface OrganizationFacts {
  readonly id: string;
  readonly name: string;
  /** `member`, `invited`, or whatever a test wants to be said. */
  readonly status: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
}

/** A membership as a listing says it, where any field may be missing, null or strange. */
export type ListedRow = Readonly<Record<string, unknown>>;

type Facts = OrganizationFacts & MembershipFacts;

/** One membership as a listing says it. */
export function rowOf(endpoint: ListEndpoint, membership: Facts): ListedRow {
  return endpoint === 'list' ? organizationRow(membership) : membershipRow(membership);
}

function organizationRow({ id, name, status, roles, permissions }: Facts): ListedRow {
  return { id, name, status, roles, permissions };
}

function membershipRow(membership: Facts): ListedRow {
  const { membershipId, status, roles, permissions, policies, apiAccess } = membership;
  return {
    id: membershipId,
    account: accountOf(membership),
    status: statusWords[status] ?? status,
    roles,
    permissions: accessByResource(permissions),
    ...(policies !== null && { policies }),
    api_access_enabled: apiAccess,
  };
}

const statusWords: Readonly<Record<string, string>> = { member: 'accepted', invited: 'pending' };

function accountOf({ id, name, accountType, createdOn, parent, twoFactorEnforced }: Facts): object {
  return {
    id,
    name,
    type: accountType,
    created_on: createdOn,
    ...(parent !== null && { managed_by: { parent_org_id: parent.id, parent_org_name: parent.name } }),
    settings: { enforce_twofactor: twoFactorEnforced, abuse_contact_email: null },
  };
}

/** The resources of which `/memberships` tells what one may do; it knows no other permission. */
const resources = [
  ...['analytics', 'billing', 'cache_purge', 'dns', 'dns_records', 'lb', 'logs', 'organization'],
  ...['ssl', 'waf', 'zone_settings', 'zones'],
];

function accessByResource(permissions: readonly string[]): object {
  return Object.fromEntries(
    resources.map((resource) => [
      resource,
      {
        read: permissions.includes(`#${resource}:read`),
        write: permissions.includes(`#${resource}:edit`),
      },
    ]),
  );
}

/** What a row says at a path such as `account.name`; `undefined` where the path leads nowhere. */
export function fieldAt(row: ListedRow, path: string): unknown {
  const [head, rest] = headOf(row, path);
  const value = row[head];
  return rest === null ? value : fieldAt(value as ListedRow, rest);
}

/** The row that says this at that path: `undefined` leaves the field out. */
export function withField(row: ListedRow, path: string, value: unknown): ListedRow {
  const [head, rest] = headOf(row, path);
  if (rest !== null) return { ...row, [head]: withField(row[head] as ListedRow, rest, value) };
  if (value !== undefined) return { ...row, [head]: value };
  return Object.fromEntries(Object.entries(row).filter(([field]) => field !== head));
}

/** Splits a path at its first dot where that leads into an object; any other name is a field of the row itself. */
function headOf(row: ListedRow, path: string): [head: string, rest: string | null] {
  const dot = path.indexOf('.');
  const head = path.slice(0, dot);
  return dot > 0 && isObject(row[head]) ? [head, path.slice(dot + 1)] : [path, null];
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
