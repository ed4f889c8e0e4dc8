import {
  byOrganizationId,
  type Membership,
  normalizeSet,
  nothingKnown,
} from '../../src/domain/membership.ts';
import { policyLine } from '../../src/domain/policy.ts';
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
  return policyLine({
    access,
    groups: policy.permission_groups.map(({ id, name = id }) => name),
    resources: policy.resource_groups.map(({ name = '', scope }) => ({
      name,
      key: scope.key,
      objects: scope.objects.map(({ key }) => key),
    })),
  });
}
