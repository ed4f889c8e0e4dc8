import * as z from 'zod';
import { type Interning } from '../../domain/interning.ts';
import { type Membership, storableText } from '../../domain/membership.ts';
import { noParent, parentText } from '../../domain/parent-organization.ts';
import { policyLine, type PolicyResource } from '../../domain/policy.ts';
import { sourcePaths } from '../../domain/run.ts';
import { detail, identifierSchema, listPageSchema, setOfNames } from '../schema.ts';
import { isPlainMembership } from './plain-membership.ts';
import { defineSource } from './source.ts';

/** Yes or no that is not worth a night; what is neither is unknown. */
const flag = z.boolean().nullish().catch(null);

const resourceSchema = z.object({ read: z.boolean().nullish(), write: z.boolean().nullish() }).nullish();

const named = { id: z.string().nullish(), name: z.string().nullish() };

const policySchema = z.object({
  access: z.string().nullish(),
  permission_groups: z.array(z.object(named).nullable()).nullish(),
  resource_groups: z
    .array(
      z
        .object({
          ...named,
          scope: z
            .object({
              key: z.string().nullish(),
              objects: z.array(z.object({ key: z.string().nullish() }).nullable()).nullish(),
            })
            .nullish(),
        })
        .nullable(),
    )
    .nullish(),
});

/**
 * One membership of the list. Only its id and that of its account are required. Status, roles, permissions, policies and
 * access by the API say what the principal may do; of the rest, what is not as described is unknown.
 */
export const membershipSchema = z.object({
  id: identifierSchema,
  account: z.object({
    id: identifierSchema,
    name: detail,
    settings: z.object({ enforce_twofactor: flag }).nullish().catch(null),
    managed_by: z.object({ parent_org_id: detail, parent_org_name: detail }).nullish().catch(null),
  }),
  status: z.string().nullish(),
  roles: setOfNames,
  permissions: z.record(z.string(), resourceSchema).nullish(),
  policies: z.array(policySchema.nullable()).nullish(),
  api_access_enabled: z.boolean().nullish(),
});

/** A membership as the list tells it; what is `null` or left out is unknown. */
type ListedMembership = z.output<typeof membershipSchema>;
type Permissions = NonNullable<ListedMembership['permissions']>;

/** Whether {@link membershipSchema} would change nothing in this, but for the fields that it does not know. */
function isPlain(row: unknown): row is ListedMembership {
  return isPlainMembership(row);
}

/** A page of the list. */
export const membershipsPageSchema = listPageSchema(membershipSchema, isPlain);

/** `GET /memberships`, which has no limit of plan, and which the vendor's own tools read. */
export const membershipsSource = defineSource({
  path: sourcePaths.memberships,
  page: membershipsPageSchema,
  toRow: (listed, interning) => ({
    id: listed.id,
    membership: toMembership(listed, interning),
    isDeclined: listed.status === 'rejected',
  }),
});

/** What the other source calls the same. */
const statuses = new Map([
  ['accepted', 'member'],
  ['pending', 'invited'],
]);

function toMembership(listed: ListedMembership, interning: Interning): Membership {
  const { id, account, status, roles, permissions, policies } = listed;
  const granted = permissions == null ? null : grantedBy(permissions);
  const lines = policies == null ? null : linesOf(policies);
  return {
    organizationId: account.id,
    organizationName: account.name == null ? null : storableText(account.name),
    status: status == null ? null : statusOf(status),
    roles: roles === null ? null : interning.setOf(roles),
    permissions: granted === null ? null : interning.setOf(granted),
    membershipId: id,
    twoFactorEnforced: account.settings?.enforce_twofactor ?? null,
    apiAccess: listed.api_access_enabled ?? null,
    policies: lines === null ? null : interning.setOf(lines),
    parentOrganization: parentOf(account.managed_by),
  };
}

/** A word that only the other source has is none that this one is known to say: it is told in quotes, and gives nothing. */
function statusOf(status: string): string {
  const known = statuses.get(status);
  if (known !== undefined) return known;
  return [...statuses.values()].includes(status) ? JSON.stringify(status) : storableText(status);
}

/** `#zones:read`, `#zones:edit`: what may be written is called `edit` by the other source. `null` where any is unknown. */
function grantedBy(permissions: Permissions): string[] | null {
  const granted: string[] = [];
  for (const [resource, may] of Object.entries(permissions)) {
    if (may == null || may.read === null || may.write === null) return null;
    if (may.read === true) granted.push(`#${resource}:read`);
    if (may.write === true) granted.push(`#${resource}:edit`);
  }
  return granted;
}

/** A line for each policy; `null` where any of them is not told whole. */
function linesOf(policies: Policies): string[] | null {
  const lines: string[] = [];
  for (const policy of policies) {
    const groups = policy?.permission_groups?.map(nameOf) ?? [null];
    const resources = policy?.resource_groups?.map(resourceOf) ?? [null];
    if (policy?.access == null || !isWhole(groups) || !isWhole(resources)) return null;
    lines.push(policyLine({ access: policy.access.toLowerCase(), groups, resources }));
  }
  return lines;
}

type Policies = NonNullable<ListedMembership['policies']>;
type PolicyOf<Part extends 'permission_groups' | 'resource_groups'> = NonNullable<
  NonNullable<Policies[number]>[Part]
>[number];

/** The id of one that has no name. That a name is null is not to have none: by the id it would look like another group. */
function nameOf(group: PolicyOf<'permission_groups'>): string | null | undefined {
  return group?.name === undefined ? group?.id : group.name;
}

function resourceOf(group: PolicyOf<'resource_groups'>): PolicyResource | null {
  const { name = '', scope } = group ?? {};
  const objects = scope?.objects?.map((object) => object?.key) ?? [null];
  return name === null || scope?.key == null || !isWhole(objects) ? null : { name, key: scope.key, objects };
}

function isWhole<T>(values: readonly (T | null | undefined)[]): values is T[] {
  return values.every((value) => value != null);
}

/** `null` also for an id that can be none: by it, the parent could not be known again. */
function parentOf(managedBy: ListedMembership['account']['managed_by']): string | null {
  if (managedBy == null) return null;
  const { parent_org_id: id, parent_org_name: name } = managedBy;
  if (id == null || id === '') return noParent;
  return /^[\w-]{1,64}$/.test(id) ? storableText(parentText({ id, name: name ?? null })) : null;
}
