import { type Database } from '../../src/database/database.ts';
import { digestRoll } from '../../src/domain/digest.ts';
import { type DeclinedInvitation, type Invitation } from '../../src/domain/invitation.ts';
import {
  byOrganizationId,
  countByStatus,
  type Membership,
  nothingKnown,
} from '../../src/domain/membership.ts';
import { type ClaimedRun, type Evidence, type RunSource, type RunTrigger } from '../../src/domain/run.ts';
import { claimRun } from '../../src/schedule/claim.ts';
import { findBaseline } from '../../src/snapshot/baseline.ts';
import { readDelta } from '../../src/snapshot/delta.ts';
import { holdRun } from '../../src/snapshot/held.ts';
import { lockPrincipal } from '../../src/snapshot/lock.ts';
import { readKnownRoll } from '../../src/snapshot/open-roll.ts';
import {
  type Observation,
  stage,
  storeFirst,
  type StoredSnapshot,
  storeQuiet,
  storeStaged,
} from '../../src/snapshot/store.ts';

export const acme = '023e105f4ecef8ad9ca31a8372d0c353';
export const globex = '7c5dae5552338874e5053f2534d2767a';

export const evidence: Evidence = { requests: 3, retries: 0, listings: 1, pages: 3, proof: [] };

/** Two o'clock UTC in the night of that day in August 2026. */
export function night(day: number): Date {
  return new Date(Date.UTC(2026, 7, day, 2));
}

/** A member of Acme in full standing. */
export function aMembership(given: Partial<Membership> = {}): Membership {
  return {
    ...nothingKnown,
    organizationId: acme,
    organizationName: 'Acme',
    status: 'member',
    roles: ['Administrator'],
    permissions: ['#zones:read'],
    ...given,
  };
}

/** The same, of which everything is known. */
export function aWholeMembership(given: Partial<Membership> = {}): Membership {
  return aMembership({
    membershipId: '4536bcfad5faccb111b47003c79917fa',
    twoFactorEnforced: true,
    apiAccess: true,
    policies: ['allow DNS on com.cloudflare.api.account.023e105f4ecef8ad9ca31a8372d0c353'],
    parentOrganization: 'Acme Group (8d3f0a2b9c1e4f5a6b7c8d9e0f1a2b3c)',
    ...given,
  });
}

/** An id for the organization of that number; ids are in the order of their numbers. */
export function organizationId(number: number): string {
  return number.toString(16).padStart(32, '0');
}

export interface Occasion {
  /** Default: `ops-bot`. */
  principal?: string;
  /** Default: by hand. */
  trigger?: RunTrigger;
  /** What it is read from. Default: organizations. */
  source?: RunSource;
  /** Default: none. */
  slot?: Date | null;
  worker?: string;
  /** When it starts, and for a whole night when it ends too. Default: the first night. */
  at?: Date;
}

/** Tries to claim a run. */
export function tryToClaim(db: Database, occasion: Occasion = {}) {
  const {
    principal = 'ops-bot',
    trigger = 'manual',
    source = 'organizations',
    slot = null,
    worker = 'host:1:a',
    at = night(1),
  } = occasion;
  return claimRun(db, { principal, trigger, source, slot }, { worker, now: at });
}

/** Claims a run, which must be there to be had. */
export async function claim(db: Database, occasion: Occasion = {}): Promise<ClaimedRun> {
  const claimed = await tryToClaim(db, occasion);
  if (claimed.outcome !== 'claimed') throw new Error(`Expected a claimed run, got ${claimed.outcome}.`);
  return claimed.run;
}

/** What a run saw; its time when left out is that of the run's start. */
export interface Seen {
  memberships: readonly Membership[];
  at?: Date;
  /** Default: they were not read. */
  invitations?: readonly Invitation[];
  /** Default: none was. */
  declined?: readonly DeclinedInvitation[];
  /** Default: it could not be read. */
  cloudflareUserId?: string;
}

/** Stores what a claimed run saw, in a transaction of its own. */
export function store(db: Database, run: ClaimedRun, seen: Seen): Promise<StoredSnapshot> {
  return db.transaction((tx) => storeWithin(tx, run, seen));
}

/** Stores what a claimed run saw, in a transaction that goes on: believed, however much it lost. */
export async function storeWithin(tx: Database, run: ClaimedRun, seen: Seen): Promise<StoredSnapshot> {
  await lockPrincipal(tx, run.principalId);
  const baseline = await findBaseline(tx, run.principal);
  const listed = seen.memberships.toSorted(byOrganizationId);
  const known = baseline === null ? null : await readKnownRoll(tx, run, baseline);
  const memberships = known === null ? listed : await known.fill(listed);
  const observation = observationOf(run, { ...seen, memberships });
  const storing = { seen: observation, from: 'running' as const };
  if (baseline === null) return storeFirst(tx, run, { ...storing, memberships });
  if (observation.digest === known?.digest) return storeQuiet(tx, run, { ...storing, baseline });
  await stage(tx, run, { delta: await readDelta(tx, run, memberships), seen: observation });
  return storeStaged(tx, run, { ...storing, baseline });
}

function observationOf(run: ClaimedRun, seen: Seen): Observation {
  return {
    digest: digestRoll(seen.memberships),
    counts: countByStatus(seen.memberships),
    invitations: seen.invitations ?? null,
    declined: seen.declined ?? [],
    seenAt: seen.at ?? run.startedAt,
    conclusion: 'it agreed with the baseline',
    cloudflareUserId: seen.cloudflareUserId ?? null,
    evidence,
  };
}

/** A night that is held, whatever it lost: a run claimed, and what it saw kept beside the history. */
export async function holdNight(
  db: Database,
  memberships: readonly Membership[],
  occasion: Occasion = {},
): Promise<ClaimedRun> {
  const run = await claim(db, occasion);
  await db.transaction(async (tx) => {
    const baseline = await findBaseline(tx, run.principal);
    if (baseline === null) throw new Error('Expected a baseline to compare with.');
    const seen = observationOf(run, { memberships });
    await stage(tx, run, { delta: await readDelta(tx, run, memberships), seen });
    await holdRun(tx, run, { seen, baseline, reason: 'it lost too much' });
  });
  return run;
}

/** A whole night: a run claimed, and what it saw stored. */
export async function takeNight(
  db: Database,
  memberships: readonly Membership[],
  occasion: Occasion = {},
): Promise<StoredSnapshot> {
  return store(db, await claim(db, occasion), { memberships });
}
