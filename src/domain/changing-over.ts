import { type Difference } from './change.ts';
import { comparedFields } from './compared-fields.ts';
import { describeStatus, tellDifferences } from './difference.ts';
import { type HoldThresholds, planHold } from './hold.ts';
import { type DeclinedInvitation } from './invitation.ts';
import { compareCodePoints, fillUnknown, type Membership } from './membership.ts';
import { noParent } from './parent-organization.ts';
import { otherSource, type RunSource } from './run.ts';

/** What a source lists. */
export interface SourceRoll {
  memberships: readonly Membership[];
  /** Invitations that were declined: listed as such, and not on the roll. */
  declined: readonly DeclinedInvitation[];
}

/** What each source lists of the same principal. */
export type SourceRolls = Readonly<Record<RunSource, SourceRoll>>;

/** Something in which two sources differ over one organization. */
export interface SourceDifference {
  organizationId: string;
  /** `null` when no source gives one. */
  organizationName: string | null;
  /**
   * - `presence`: on one roll alone; told are the status on it, `absent`, or `rejected` for an invitation that was declined
   * - `status`, `name`, `roles`: on both, and told otherwise
   * - `declined`: on neither, and listed by one as an invitation that was declined, which changes nothing
   */
  differsIn: 'presence' | 'status' | 'name' | 'roles' | 'declined';
  /** What each says. */
  told: Readonly<Record<RunSource, string | readonly string[]>>;
}

/** How two sources differ over a principal's roll. */
export interface SourceComparison {
  /** Organizations that both have on the roll. */
  inBoth: number;
  /** By organization id. What one of them leaves unknown is no difference. */
  differences: readonly SourceDifference[];
}

/** Compares what two sources list, in what both tell in the same words. */
export function compareSources(rolls: SourceRolls): SourceComparison {
  const known = { organizations: indexRoll(rolls.organizations), memberships: indexRoll(rolls.memberships) };
  const ids = new Set([
    ...Object.values(known).flatMap(({ roll, declined }) => [...roll.keys(), ...declined]),
  ]);
  let inBoth = 0;
  const differences: SourceDifference[] = [];
  for (const id of [...ids].sort(compareCodePoints)) {
    const one = known.organizations.roll.get(id);
    const other = known.memberships.roll.get(id);
    const organizationName = one?.organizationName ?? other?.organizationName ?? null;
    if (one !== undefined && other !== undefined) inBoth += 1;
    for (const difference of differencesOf(id, known)) {
      differences.push({ organizationId: id, organizationName, ...difference });
    }
  }
  return { inBoth, differences };
}

interface Indexed {
  roll: ReadonlyMap<string, Membership>;
  /** Organization ids. */
  declined: ReadonlySet<string>;
}

function indexRoll({ memberships, declined }: SourceRoll): Indexed {
  return {
    roll: new Map(memberships.map((membership) => [membership.organizationId, membership])),
    declined: new Set(declined.map(({ organizationId }) => organizationId)),
  };
}

function differencesOf(
  id: string,
  known: Readonly<Record<RunSource, Indexed>>,
): Pick<SourceDifference, 'differsIn' | 'told'>[] {
  const one = known.organizations.roll.get(id);
  const other = known.memberships.roll.get(id);
  if (one === undefined || other === undefined) {
    const differsIn = one === undefined && other === undefined ? 'declined' : 'presence';
    const presence = ({ roll, declined }: Indexed) =>
      !roll.has(id) && declined.has(id) ? 'rejected' : describeStatus(roll.get(id) ?? null);
    return [
      {
        differsIn,
        told: { organizations: presence(known.organizations), memberships: presence(known.memberships) },
      },
    ];
  }
  return (['status', 'name', 'roles'] as const).flatMap((differsIn) => {
    const field = fieldOf[differsIn];
    const told = { organizations: one[field], memberships: other[field] };
    const { organizations, memberships } = told;
    if (organizations === null || memberships === null) return [];
    if (JSON.stringify(organizations) === JSON.stringify(memberships)) return [];
    return [{ differsIn, told: { organizations, memberships } }];
  });
}

const fieldOf = { status: 'status', name: 'organizationName', roles: 'roles' } as const;

/** What the first night after changing over would come to, were it now. */
export interface ChangingOver {
  to: RunSource;
  /** Why it would be held; `null` when it would be believed. */
  heldBecause: string | null;
  /** What it would report, once it is believed. */
  changes: readonly ForeseenChange[];
}

/** A change that would be reported. */
export interface ForeseenChange extends Difference {
  /** `declined` for an invitation that the other source lists as such. */
  goneBecause: 'declined' | null;
}

/** What changing over from this source to the other would come to, were its listing the baseline. */
export function foreseeChangingOver(
  rolls: SourceRolls,
  from: RunSource,
  thresholds: HoldThresholds,
): ChangingOver {
  const to = otherSource(from);
  const fields = comparedFields(from, to);
  const [before, after] = [indexRoll(rolls[from]), indexRoll(rolls[to])];
  const ids = [...new Set([...before.roll.keys(), ...after.roll.keys()])].sort(compareCodePoints);
  const changes = ids.flatMap((id) => {
    const was = before.roll.get(id);
    const seen = after.roll.get(id);
    const is = seen === undefined ? null : fillUnknown(seen, was, fields);
    return tellDifferences({ before: was ?? null, after: is }, fields).map((difference) => ({
      ...difference,
      goneBecause:
        difference.kind === 'invitation_gone' && after.declined.has(id) ? ('declined' as const) : null,
    }));
  });
  const gone = [...before.roll.keys()].filter((id) => !after.roll.has(id)).length;
  const loss = { baseline: before.roll.size, listed: after.roll.size, gone, isOtherSource: true };
  return { to, heldBecause: planHold(loss, thresholds), changes };
}

/** Of how many memberships is known what `/memberships` alone tells. */
export interface KnownBesides {
  memberships: number;
  /** That have any. */
  policies: number;
  /** Whose organization asks two factors of its members. */
  twoFactorEnforced: number;
  /** That may use the API. */
  apiAccess: number;
  /** Whose organization has one above it. */
  parentOrganization: number;
}

/** Counts what `/memberships` alone tells. */
export function countKnownBesides({ memberships }: Pick<SourceRoll, 'memberships'>): KnownBesides {
  const count = (holds: (membership: Membership) => boolean) => memberships.filter(holds).length;
  return {
    memberships: memberships.length,
    policies: count(({ policies }) => policies !== null && policies.length > 0),
    twoFactorEnforced: count(({ twoFactorEnforced }) => twoFactorEnforced === true),
    apiAccess: count(({ apiAccess }) => apiAccess === true),
    parentOrganization: count(
      ({ parentOrganization }) => parentOrganization !== null && parentOrganization !== noParent,
    ),
  };
}
