import { type Membership } from './membership.ts';
import { groupsAllowedBy } from './policy.ts';

/**
 * What a principal may do in an organization, and what it is offered there. Roles and policies give something in a
 * membership whose status is `member`, and in no other; an invitation offers them and gives none.
 */
export interface Access {
  /** Roles that it has. */
  has: readonly string[];
  /** Roles that an invitation offers it. */
  offered: readonly string[];
  /** Whether it has Super Administrator, by a role or by a policy. */
  hasSuperAdministrator: boolean;
  /** Whether an invitation offers it that. */
  isOfferedSuperAdministrator: boolean;
}

/** The access of a membership; of none when there is no membership. */
export function accessOf(membership: Membership | null): Access {
  const roles = membership?.roles ?? [];
  const isSuper = membership !== null && namesSuperAdministrator(membership);
  const [isMember, isInvited] = [membership?.status === 'member', membership?.status === 'invited'];
  return {
    has: isMember ? roles : [],
    offered: isInvited ? roles : [],
    hasSuperAdministrator: isMember && isSuper,
    isOfferedSuperAdministrator: isInvited && isSuper,
  };
}

/** Whether these would give Super Administrator to a member: a role, or a policy that allows it. */
export function namesSuperAdministrator({
  roles = null,
  policies = null,
}: Partial<Pick<Membership, 'roles' | 'policies'>>): boolean {
  return (roles ?? []).some(isSuperAdministrator) || (policies ?? []).some(allowsSuperAdministrator);
}

/** Whether a membership gives Super Administrator: an invitation that offers it gives nothing. */
export function holdsSuperAdministrator(membership: Membership): boolean {
  return membership.status === 'member' && namesSuperAdministrator(membership);
}

/** Whether it gives Super Administrator by a policy, and by no role. */
export function holdsByPolicyAlone({ policies, ...membership }: Membership): boolean {
  return (
    !holdsSuperAdministrator({ ...membership, policies: null }) &&
    holdsSuperAdministrator({ ...membership, policies })
  );
}

/** What happened to the role that may do everything. */
export const superAdministratorSteps = ['gained', 'lost', 'offered', 'offer_gone'] as const;

/** `gained` and `lost` are of access; `offered` and `offer_gone` are of an invitation, which gives none. */
export type SuperAdministratorStep = (typeof superAdministratorSteps)[number];

/**
 * What happened to Super Administrator from one access to another; `null` when nothing did. One spelling of the role in
 * place of another is nothing. An offer that was accepted is not gone, whatever came of it.
 */
export function stepOfSuperAdministrator(
  before: Access,
  after: Access,
  isAccepted = false,
): SuperAdministratorStep | null {
  const { hasSuperAdministrator: had, isOfferedSuperAdministrator: wasOffered } = before;
  const { hasSuperAdministrator: has, isOfferedSuperAdministrator: isOffered } = after;
  if (had !== has) return has ? 'gained' : 'lost';
  if (wasOffered === isOffered) return null;
  if (isOffered) return 'offered';
  return isAccepted ? null : 'offer_gone';
}

/** What of a change tells by what it touched Super Administrator. */
interface Touched {
  superAdministrator: SuperAdministratorStep | null;
  before: string | null;
  after: string | null;
  added: readonly string[];
  removed: readonly string[];
  offered: readonly string[];
}

/** Whether what a change did to Super Administrator came by a policy: none of its roles is that. */
export function isByPolicy({ superAdministrator, ...change }: Touched): boolean {
  if (superAdministrator === null) return false;
  const { before, after, added, removed, offered } = change;
  // Of an invitation that offers something else, what it offered before stands in the text alone.
  const texts = [before, after].flatMap((text) => text?.split('; ') ?? []);
  return ![...added, ...removed, ...offered, ...texts].some(isSuperAdministrator);
}

/** In lower case: Cloudflare spells its most powerful role in both ways, and the dashboard shortens it. */
export const superAdministratorSpellings = [
  'all privileges - super administrator',
  'super administrator - all privileges',
  'super administrator',
] as const;

const spellings = new Set<string>(superAdministratorSpellings);

/** Whether a role is Super Administrator, in any of its spellings and in upper or lower case. */
export function isSuperAdministrator(role: string): boolean {
  return spellings.has(role.trim().toLowerCase());
}

/** Every way in which a role may be written: of Super Administrator all its spellings, of any other the role as it is. */
export function spellingsOf(role: string): readonly string[] {
  return isSuperAdministrator(role) ? [role, ...spellings] : [role];
}

/** The same roles, or lines of policies: those that give Super Administrator ahead of the others. */
export function superAdministratorFirst(texts: readonly string[]): string[] {
  const gives = (text: string) => isSuperAdministrator(text) || allowsSuperAdministrator(text);
  return [...texts.filter(gives), ...texts.filter((text) => !gives(text))];
}

/** Whether the line of a policy allows it. */
function allowsSuperAdministrator(line: string): boolean {
  return groupsAllowedBy(line).some(isSuperAdministrator);
}

/** What is in `set` and not in `other`, in the order of `set`. */
export function without(set: readonly string[], other: readonly string[]): string[] {
  const others = new Set(other);
  return set.filter((value) => !others.has(value));
}
