import { createRandom } from './random.ts';

/** What a group of a policy is called. */
interface PolicyGroup {
  /** 32 hex digits. */
  readonly id: string;
  readonly name?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** One policy of a membership, in the API's shape: what it allows or denies, and on which resources. */
export interface Policy {
  readonly id: string;
  readonly access: 'allow' | 'deny';
  readonly permission_groups: readonly PolicyGroup[];
  readonly resource_groups: readonly (PolicyGroup & {
    readonly scope: { readonly key: string; readonly objects: readonly { readonly key: string }[] };
  })[];
}

/** The organization above an account, in the container product that `/memberships` calls `managed_by`. */
export interface ParentOrganization {
  readonly id: string;
  readonly name: string;
}

/** What `/memberships` alone tells of a membership. */
export interface MembershipFacts {
  /** The membership's own id: 32 hex digits, the same for the same user and organization. */
  readonly membershipId: string;
  readonly accountType: 'standard' | 'enterprise';
  /** When the account was made, in ISO 8601. */
  readonly createdOn: string;
  readonly twoFactorEnforced: boolean;
  /** `null` for an account that is not enterprise. */
  readonly apiAccess: boolean | null;
  /** `null` for an account that has none: the field is left out then. */
  readonly policies: readonly Policy[] | null;
  readonly parent: ParentOrganization | null;
}

/** Whose facts to make up. */
interface Subject {
  readonly userId: string;
  readonly id: string;
  readonly roles: readonly string[];
  /** Default: made up. */
  readonly accountType?: MembershipFacts['accountType'];
}

/**
 * Makes up what `/memberships` alone tells, always the same for the same user and organization. Each fact has a
 * randomness of its own, so that a new one changes none of the others. A third have policies, which mirror the roles; a
 * fifth have a parent; half enforce two factors; half are enterprise.
 */
export function makeUpFacts({ userId, id, roles, ...given }: Subject): MembershipFacts {
  const draw = (fact: string) => createRandom(`${id}/${fact}`);
  const accountType = given.accountType ?? (draw('account-type').below(2) === 0 ? 'enterprise' : 'standard');
  const parent = draw('parent');
  return {
    membershipId: createRandom(`${userId}/${id}/membership`).text(32),
    accountType,
    createdOn: new Date(firstAccountMs + draw('created-on').below(accountYears * yearMs)).toISOString(),
    twoFactorEnforced: draw('two-factor').below(2) === 0,
    apiAccess: accountType === 'enterprise' ? draw('api-access').below(2) === 0 : null,
    policies: draw('policies').below(3) === 0 ? roles.map((role) => policyOfRole(id, role)) : null,
    parent: parent.below(5) === 0 ? parent.pick(parents) : null,
  };
}

const yearMs = 365 * 86_400_000;
const firstAccountMs = Date.parse('2011-01-01T00:00:00Z');
const accountYears = 15;

const parents: readonly ParentOrganization[] = ['Umbrella Group', 'Northern Holding', 'Öster & Partner'].map(
  (name) => ({ id: createRandom(`parent/${name}`).text(32), name }),
);

/** What a role is as a policy: one group of permissions, on the whole account. */
function policyOfRole(organizationId: string, role: string): Policy {
  const scope = 'com.cloudflare.api.account';
  return {
    id: createRandom(`${organizationId}/policy/${role}`).text(32),
    access: 'allow',
    permission_groups: [
      { id: createRandom(`permission-group/${role}`).text(32), name: role, meta: { scopes: scope } },
    ],
    resource_groups: [
      {
        id: createRandom(`${organizationId}/resource-group`).text(32),
        name: scope,
        scope: { key: `${scope}.${organizationId}`, objects: [{ key: '*' }] },
      },
    ],
  };
}
