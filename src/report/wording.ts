import { type SuperAdministratorStep } from '../domain/access.ts';
import { type Change, type ChangeKind, changeKinds } from '../domain/change.ts';

interface Wording {
  title: string;
  one: string;
  many: string;
  /** What a reader has to know about every change of this kind. */
  remark: string | null;
}

/** How each kind of change is called: above its section, and behind a count of one or of many. */
export const wordings: Record<ChangeKind, Wording> = {
  left: {
    title: 'Left',
    one: 'left',
    many: 'left',
    remark: 'Removed by the organization, or left from our side: Cloudflare does not say which.',
  },
  invitation_replaced_membership: {
    title: 'Membership replaced by an invitation',
    one: 'membership replaced by an invitation',
    many: 'memberships replaced by invitations',
    remark: null,
  },
  status_changed: { title: 'Status changed', one: 'status change', many: 'status changes', remark: null },
  roles_changed: { title: 'Roles changed', one: 'role change', many: 'role changes', remark: null },
  permissions_changed: {
    title: 'Permissions changed',
    one: 'permission change',
    many: 'permission changes',
    remark: null,
  },
  policies_changed: { title: 'Policies changed', one: 'policy change', many: 'policy changes', remark: null },
  two_factor_changed: {
    title: 'Two factors',
    one: 'two-factor change',
    many: 'two-factor changes',
    remark: 'Whether the organization enforces two factors for all of its members.',
  },
  api_access_changed: {
    title: 'Access by API',
    one: 'API access change',
    many: 'API access changes',
    remark: null,
  },
  parent_changed: {
    title: 'Parent changed',
    one: 'parent change',
    many: 'parent changes',
    remark: 'The organization above this one, which may have rights in it.',
  },
  joined: { title: 'Joined', one: 'joined', many: 'joined', remark: null },
  invitation_accepted: {
    title: 'Invitation accepted',
    one: 'invitation accepted',
    many: 'invitations accepted',
    remark: null,
  },
  invited: { title: 'Invited', one: 'invited', many: 'invited', remark: null },
  invitation_changed: {
    title: 'Invitation changed',
    one: 'invitation changed',
    many: 'invitations changed',
    remark: null,
  },
  invitation_gone: {
    title: 'Invitation gone',
    one: 'invitation gone',
    many: 'invitations gone',
    remark: 'Expired, declined or withdrawn: Cloudflare does not say which.',
  },
  renamed: { title: 'Renamed', one: 'renamed', many: 'renamed', remark: null },
};

/** What happened to the role that may do everything, as a line's alert. */
export const superAdministratorWording: Readonly<Record<SuperAdministratorStep, string>> = {
  lost: 'Super Administrator lost',
  gained: 'Super Administrator gained',
  offered: 'Super Administrator offered',
  offer_gone: 'offer of Super Administrator gone',
};

/** Orders names as people do: `Filiale 2` before `Filiale 10`. Made once, for it takes longer than many comparisons. */
const names = new Intl.Collator('en', { numeric: true });

/** Orders names as people look for them. */
export function compareNames(left: string, right: string): number {
  return names.compare(left, right);
}

/** The changes of each kind that occurs, in the order of `changeKinds`: lost access first. */
export function groupByKind(changes: readonly Change[]): (readonly [ChangeKind, readonly Change[]])[] {
  return changeKinds
    .map((kind) => [kind, changes.filter((change) => change.kind === kind)] as const)
    .filter(([, ofKind]) => ofKind.length > 0);
}

/** `2 left, 3 role changes, 1 joined` */
export function countByKind(changes: readonly Change[]): string {
  return nameCounts(changes.map(({ kind }) => ({ kind, count: 1 })));
}

/** As `countByKind`, of what has been counted already; a kind may come more than once. */
export function nameCounts(counts: readonly { kind: ChangeKind; count: number }[]): string {
  return changeKinds
    .map((kind) => {
      const count = counts.reduce((sum, counted) => sum + (counted.kind === kind ? counted.count : 0), 0);
      return { count, name: count === 1 ? wordings[kind].one : wordings[kind].many };
    })
    .filter(({ count }) => count > 0)
    .map(({ count, name }) => `${count} ${name}`)
    .join(', ');
}

/** `1 organization`, `128 organizations` */
export function countOrganizations(count: number): string {
  return count === 1 ? '1 organization' : `${count} organizations`;
}
