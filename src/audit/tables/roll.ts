import { superAdministratorFirst } from '../../domain/access.ts';
import { type AuditedHistory, type Interval } from '../../domain/audit.ts';
import { toldByBoth } from '../../domain/compared-fields.ts';
import { type MembershipField } from '../../domain/membership.ts';
import { noParent } from '../../domain/parent-organization.ts';
import { type Table } from '../data.ts';
import { currentIntervals } from '../memberships.ts';
import { type Packer } from '../packer.ts';
import { byNameThenPrincipal, type ColumnOf, tableOf, timeOf } from './table.ts';

/** Who holds what where, at the end of the period. */
export function composeRoll(history: AuditedHistory, packer: Packer): Table {
  const rows = currentIntervals(history).sort(byNameThenPrincipal);
  const { organizationName: organization, ...others } = describeFields(packer);
  // What one of the sources alone tells has a column where it was told of anybody.
  const isTold = (field: MembershipField) =>
    toldByBoth.includes(field) || rows.some((interval) => interval[field] !== null);
  const besides: ColumnOf<Interval> = {
    heading: 'Besides',
    kind: 'lines',
    read: (interval) => packer.set(asidesOf(interval)),
  };
  const told = Object.entries(others).filter(([field]) => isTold(field as MembershipField));
  return tableOf({ id: 'roll', order: 'organization' }, rows, {
    organization,
    principal: { heading: 'Principal', kind: 'text', read: ({ principal }) => packer.text(principal) },
    ...Object.fromEntries(told),
    since: { heading: 'So since', kind: 'time', read: ({ from }) => timeOf(from) },
    ...(rows.some((interval) => asidesOf(interval).length > 0) ? { asides: besides } : {}),
  });
}

/** What has a line of the last column and no column of its own, for there is no room; `null` where there is nothing to say. */
const asides = {
  apiAccess: ({ apiAccess }: Interval) =>
    apiAccess === null ? null : `${apiAccess ? '' : 'no '}access by API`,
  parentOrganization: ({ parentOrganization: parent }: Interval) =>
    parent === null || parent === noParent ? null : `below ${parent}`,
  membershipId: ({ membershipId }: Interval) => (membershipId === null ? null : `membership ${membershipId}`),
} as const satisfies Partial<Record<MembershipField, (interval: Interval) => string | null>>;

function asidesOf(interval: Interval): string[] {
  return Object.values(asides).flatMap((tell) => tell(interval) ?? []);
}

/** A field of a membership that neither has a column here nor is among the asides is a fault of types. */
function describeFields(
  packer: Packer,
): Record<Exclude<MembershipField, keyof typeof asides>, ColumnOf<Interval>> {
  return {
    organizationName: {
      heading: 'Organization',
      kind: 'organization',
      read: (membership) => packer.organization(membership),
    },
    status: {
      heading: 'Status',
      kind: 'word',
      isChoice: true,
      read: ({ status }) => packer.text(status ?? 'unknown'),
    },
    roles: {
      heading: 'Roles',
      kind: 'lines',
      read: ({ roles }) => packer.set(superAdministratorFirst(roles ?? ['unknown'])),
    },
    permissions: {
      heading: 'Permissions',
      kind: 'lines',
      read: ({ permissions }) => packer.set(permissions ?? ['unknown']),
    },
    twoFactorEnforced: {
      heading: 'Two factors',
      kind: 'word',
      isChoice: true,
      read: ({ twoFactorEnforced }) => packer.text(enforcedOrNot(twoFactorEnforced)),
    },
    policies: {
      heading: 'Policies',
      kind: 'lines',
      read: ({ policies }) => packer.set(policies ?? ['unknown']),
    },
  };
}

function enforcedOrNot(flag: boolean | null): string {
  if (flag === null) return 'unknown';
  return flag ? 'enforced' : 'not enforced';
}
