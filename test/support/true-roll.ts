import {
  byOrganizationId,
  type Membership,
  normalizeSet,
  nothingKnown,
} from '../../src/domain/membership.ts';
import { type RunSource } from '../../src/domain/run.ts';
import { type CompleteMembership, type SimulatedPrincipal } from '../../src/simulator/principal.ts';

/**
 * The roll of a simulated principal as a client should read it from that source, in the order of ids. It is made from the
 * world, not from what is served of it, and by nothing that reads listings: a witness of both.
 */
export function trueRoll(principal: SimulatedPrincipal, source: RunSource): Membership[] {
  return principal.memberships.map((one) => truthBy[source](one)).sort(byOrganizationId);
}

const truthBy: Readonly<Record<RunSource, (one: CompleteMembership) => Membership>> = {
  organizations: ({ id, name, status, roles, permissions }) => ({
    ...nothingKnown,
    organizationId: id,
    organizationName: name,
    status,
    roles: normalizeSet(roles),
    permissions: normalizeSet(permissions),
  }),
  memberships: (one) => ({
    organizationId: one.id,
    organizationName: one.name,
    status: one.status,
    roles: normalizeSet(one.roles),
    permissions: normalizeSet(one.permissions.filter((permission) => toldPermissions.test(permission))),
    membershipId: one.membershipId,
    twoFactorEnforced: one.twoFactorEnforced,
    apiAccess: one.apiAccess,
    policies: one.policies && normalizeSet(one.policies.map(lineOf)),
    parentOrganization: one.parent && `${one.parent.name} (${one.parent.id})`,
  }),
};

/** Of the twelve resources of which `/memberships` tells what one may do. */
const toldPermissions =
  /^#(?:analytics|billing|cache_purge|dns|dns_records|lb|logs|organization|ssl|waf|zone_settings|zones):(?:read|edit)$/;

function lineOf({ access, ...policy }: NonNullable<CompleteMembership['policies']>[number]): string {
  const groups = policy.permission_groups.map(({ id, name = id }) => name).sort();
  const resources = policy.resource_groups.map(({ name, scope: { key, objects } }) => {
    const named = objects.map((one) => one.key).sort();
    const scope = named.join() === '*' ? key : `${key}: ${named.join(', ')}`;
    if (name !== undefined && name !== key) return `${name} {${scope}}`;
    return scope === key ? key : `{${scope}}`;
  });
  return `${access} ${groups.join(', ')} on ${resources.sort().join(', ')}`;
}
