import { type Access, accessOf, stepOfSuperAdministrator } from '../domain/access.ts';
import { type Change, type ChangeKind, kinds } from '../domain/change.ts';
import { nothingKnown } from '../domain/membership.ts';

/** When the sample's night before the last ended. */
export const lastNight = new Date('2026-08-13T02:00:04.000Z');
/** When the last one did. */
export const tonight = new Date('2026-08-14T02:00:05.000Z');
/** The role that may do everything. */
export const superAdministrator = 'Super Administrator - All Privileges';

/** Every kind of change, the grave ones among them, and many that are equal; the last is the plainest. */
export function sampleChanges(principal: string): Change[] {
  const named = (organizationName: string, number: number) => ({
    organizationName,
    organizationId: idOf(number),
  });
  const told: [ChangeKind, Partial<Change>][] = [
    ['left', { ...named('Café Zürich AG', 1), removed: [superAdministrator, 'Billing'] }],
    ['left', { ...named('Ångström & Søner', 2), removed: ['Administrator'], byUs: true }],
    ['left', { organizationId: idOf(3), organizationName: null, removed: ['Billing'] }],
    [
      'invitation_replaced_membership',
      { ...named('Łódź Logistics', 4), after: 'invited', removed: ['DNS'], offered: ['DNS'] },
    ],
    [
      'status_changed',
      { ...named('株式会社東京', 5), before: 'member', after: 'suspended', removed: ['Billing'] },
    ],
    ['roles_changed', { ...named('Globex', 6), ...rolesOf(['Administrator'], [superAdministrator]) }],
    ['roles_changed', { ...named('Initech', 7), ...rolesOf(['Billing', 'DNS'], ['Billing', 'Analytics']) }],
    ['permissions_changed', { ...named('Umbrella', 8), ...rolesOf(['#dns_records:read'], manyPermissions) }],
    [
      'policies_changed',
      {
        ...named('Massive Dynamic', 16),
        ...rolesOf(
          [`allow DNS on Shops {${account}.${idOf(16)}: ${account}.zone.${idOf(21)}}`],
          [`allow DNS on ${account}.${idOf(16)}`],
        ),
      },
    ],
    [
      'policies_changed',
      {
        ...named('Weyland-Yutani', 22),
        ...rolesOf([], [`allow ${superAdministrator} on ${account}.${idOf(22)}`]),
        superAdministrator: 'gained',
      },
    ],
    ['two_factor_changed', { ...named('Cyberdyne', 17), before: 'true', after: 'false' }],
    ['two_factor_changed', { ...named('Aperture Science', 23), before: 'false', after: 'true' }],
    ['api_access_changed', { ...named('Oscorp', 18), before: 'false', after: 'true' }],
    ['parent_changed', { ...named('Nakatomi', 19), before: 'none', after: `Nakatomi Group (${idOf(20)})` }],
    ['joined', { ...named('Hooli', 9), added: ['Administrator'], returning: true }],
    ...manyOrganizations(40).map((one): [ChangeKind, Partial<Change>] => [
      'joined',
      { ...one, added: ['Administrator', 'Billing'] },
    ]),
    ['invitation_accepted', { ...named('Soylent', 10), ...invitation, added: ['Billing'] }],
    [
      'invited',
      { ...named('Stark Industries', 11), ...invitation, after: 'invited', offered: [superAdministrator] },
    ],
    ['invitation_changed', { ...named('Wayne Enterprises', 12), ...invitation, offered: ['Billing', 'DNS'] }],
    ['invitation_gone', { ...named('Wonka', 13), offered: [superAdministrator], goneBecause: 'expired' }],
    ['renamed', { ...named(longName, 14), before: 'Tyrell', after: longName }],
    ['joined', { ...named('Acme', 15), added: ['Administrator'] }],
  ];
  return told.map(([kind, given], index) => changeOf(principal, kind, { id: index + 1, ...given }));
}

const longName = `Tyrell ${'International Holdings and '.repeat(4)}Partners`;

/** What the keys of accounts begin with in policies. */
const account = 'com.cloudflare.api.account';

const manyPermissions = [
  'analytics',
  'cache_purge',
  'dns_records',
  'lb',
  'logs',
  'ssl',
  'waf',
  'worker',
  'zone',
].flatMap((what) => [`#${what}:edit`, `#${what}:read`]);

const invitation = {
  invitedBy: 'admin@example.com',
  invitedOn: new Date('2026-08-13T15:30:00.000Z'),
  expiresOn: new Date('2026-08-20T15:30:00.000Z'),
};

function rolesOf(before: readonly string[], after: readonly string[]): Partial<Change> {
  return {
    before: before.join('; '),
    after: after.join('; '),
    added: after.filter((role) => !before.includes(role)),
    removed: before.filter((role) => !after.includes(role)),
  };
}

/** Organizations that are equal but for their numbers. */
export function manyOrganizations(count: number): { organizationName: string; organizationId: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    organizationName: `Customer ${String(index + 1).padStart(2, '0')}`,
    organizationId: idOf(100 + index),
  }));
}

/** The id of the organization of that number. */
export function idOf(number: number): string {
  return `5a${number.toString(16).padStart(4, '0')}`.repeat(6).slice(0, 32);
}

/** A change of the night, with nothing notable about it but what is given. */
export function changeOf(principal: string, kind: ChangeKind, given: Partial<Change>): Change {
  const { added = [], removed = [], offered = [] } = given;
  const hadOffer = kind === 'invitation_gone';
  return {
    id: 1,
    runId: 812,
    baselineRunId: 811,
    principal,
    category: kinds[kind],
    kind,
    organizationId: idOf(0),
    organizationName: null,
    before: null,
    after: null,
    added,
    removed,
    offered,
    notBefore: lastNight,
    notAfter: tonight,
    returning: false,
    byUs: false,
    invitedBy: null,
    invitedOn: null,
    expiresOn: null,
    goneBecause: null,
    superAdministrator: stepOfSuperAdministrator(
      accessBy(removed, hadOffer ? offered : []),
      accessBy(added, hadOffer ? [] : offered),
    ),
    ...given,
  };
}

function accessBy(has: readonly string[], offered: readonly string[]): Access {
  const [status, roles] = offered.length > 0 ? ['invited', offered] : ['member', has];
  return accessOf({ ...nothingKnown, organizationId: '', status, roles });
}
