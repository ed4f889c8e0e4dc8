import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Change } from '../../src/domain/change.ts';
import { tellDifferences } from '../../src/domain/difference.ts';
import {
  fieldNames,
  fillUnknown,
  type Membership,
  type MembershipField,
  membershipFields,
  normalizeSet,
} from '../../src/domain/membership.ts';
import { listChanges } from '../../src/history/changes.ts';
import { findRunsToCompare } from '../../src/history/compared-runs.ts';
import { diffRuns } from '../../src/history/diff.ts';
import { recordDeparture, settleDeparture } from '../../src/snapshot/departures.ts';
import { useDatabase } from '../support/database.ts';
import {
  acme,
  aMembership,
  claim,
  globex,
  night,
  organizationId,
  store,
  takeNight,
} from '../support/nights.ts';
import { addUp, stepKinds } from './added-up.ts';
import { comparedFields, onlyFields } from '../../src/domain/compared-fields.ts';
import { type RunSource, runSources } from '../../src/domain/run.ts';

const database = useDatabase();

async function diff(from: number, to: number): Promise<Change[]> {
  return diffRuns(database.db, await findRunsToCompare(database.db, from, to));
}

/** A set of some of these, or unknown. */
const someOf = (...values: string[]) =>
  fc.option(fc.subarray(values).map(normalizeSet), { nil: null, freq: 20 });

const sometimes = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: null, freq: 20 });

const someMembership = fc.record({
  organizationName: sometimes('Acme', 'Acme Ltd'),
  status: sometimes('member', 'member', 'invited', 'suspended'),
  roles: someOf('Administrator', 'Billing', 'Super Administrator - All Privileges'),
  permissions: someOf('#dns:edit', '#zones:read'),
  membershipId: sometimes('m1', 'm2'),
  twoFactorEnforced: sometimes(true, false),
  apiAccess: sometimes(true, false),
  policies: someOf('allow DNS on a', 'allow Super Administrator - All Privileges on a', 'deny Billing on a'),
  parentOrganization: sometimes('Group (g1)', 'Renamed Group (g1)', 'Other (g2)', 'none'),
});

/** What each of three organizations is on one night, null where it is not listed; and what it was read from. */
const someNight = fc.record({
  source: fc.constantFrom(...runSources, 'memberships' as const),
  listed: fc.array(fc.option(someMembership, { nil: null, freq: 3 }), { minLength: 3, maxLength: 3 }),
});

/** The same histories at every run; for others, and for more: `FUZZ_SEED`, `FUZZ_HISTORIES`. */
const always = {
  numRuns: Number(process.env['FUZZ_HISTORIES'] ?? 8),
  seed: Number(process.env['FUZZ_SEED'] ?? 1),
};

const someHistory = fc.array(someNight, { minLength: 2, maxLength: 7 });

/** A roll as it is stored, by organization id. */
type Roll = ReadonlyMap<string, Membership>;

let principals = 0;

interface Night {
  source: RunSource;
  listed: readonly (Omit<Membership, 'organizationId'> | null)[];
}

interface Taken {
  runId: number;
  source: RunSource;
  roll: Roll;
}

/** Takes the nights of a principal of its own; the run and the roll of each. */
async function takeNights(nights: readonly Night[]) {
  const principal = `bot-${(principals += 1)}`;
  const taken: Taken[] = [];
  for (const [index, { source, listed }] of nights.entries()) {
    const told = comparedFields(source, source);
    const memberships = listed.flatMap((fields, place) =>
      fields === null ? [] : [onlyFields({ organizationId: organizationId(place), ...fields }, told)],
    );
    const { run } = await takeNight(database.db, memberships, { principal, source, at: night(index + 1) });
    const before = taken.at(-1);
    const fields = comparedFields(before?.source ?? source, source);
    const filled = memberships.map((seen) =>
      fillUnknown(seen, before?.roll.get(seen.organizationId), fields),
    );
    taken.push({ runId: run.id, source, roll: new Map(filled.map((one) => [one.organizationId, one])) });
  }
  return { principal, taken };
}

/** Every two of them, the earlier first. */
function pairsOf<T>(list: readonly T[]): { earlier: T; later: T; between: readonly T[] }[] {
  return list.flatMap((earlier, index) =>
    list
      .slice(index + 1)
      .map((later, distance) => ({ earlier, later, between: list.slice(index, index + distance + 2) })),
  );
}

/** Fields that the API told on each of these nights on which the organization was listed: of others changes tell no sum. */
function knownFields(id: string, nights: readonly Taken[]): MembershipField[] {
  const isKnown = (field: MembershipField) => nights.every(({ roll }) => roll.get(id)?.[field] !== null);
  const isCompared = (field: MembershipField) =>
    nights.every(({ source }) => comparedFields(nights[0]?.source ?? source, source).includes(field));
  // What roles give depends on the status.
  return fieldNames.filter(
    (field) => isKnown(field) && isCompared(field) && (field !== 'roles' || isKnown('status')),
  );
}

/** Of a membership that was gone in between, nobody tells how its values changed. */
const isValue = (field: MembershipField) => field !== 'status' && membershipFields[field] !== 'set';

/** What a change of status tells no difference of. */
const isOtherSet = (field: MembershipField) => field === 'permissions' || field === 'policies';

/** Whether policies were known on each of the nights, or on none. */
function isSameThroughout(nights: readonly Taken[], known: readonly MembershipField[]): boolean {
  return known.includes('policies') || nights.every(({ source }) => source === 'organizations');
}

const about = ({ organizationId: id, kind, before, after, added, removed }: Change) => ({
  organizationId: id,
  kind,
  before,
  after,
  added: [...added],
  removed: [...removed],
});

const mirrored: Record<string, Change['kind']> = {
  joined: 'left',
  left: 'joined',
  invited: 'invitation_gone',
  invitation_gone: 'invited',
  invitation_accepted: 'invitation_replaced_membership',
  invitation_replaced_membership: 'invitation_accepted',
};

describe('over any history', () => {
  test('a diff of two runs is what differs between their snapshots', async () => {
    await fc.assert(
      fc.asyncProperty(someHistory, async (nights) => {
        const { taken } = await takeNights(nights);
        for (const { earlier, later } of pairsOf(taken)) {
          const ids = [...new Set([...earlier.roll.keys(), ...later.roll.keys()])].sort();
          const expected = ids.flatMap((id) =>
            tellDifferences(
              { before: earlier.roll.get(id) ?? null, after: later.roll.get(id) ?? null },
              comparedFields(earlier.source, later.source),
            ),
          );
          expect(await diff(earlier.runId, later.runId)).toMatchObject(
            expected.map(({ came: _, went: __, ...told }) => told),
          );
        }
      }),
      always,
    );
  });

  test('a diff of two runs agrees with what the changes between them add up to', async () => {
    await fc.assert(
      fc.asyncProperty(someHistory, async (nights) => {
        const { taken, principal } = await takeNights(nights);
        const changes = await listChanges(database.db, { principal });
        for (const { earlier, later, between } of pairsOf(taken)) {
          const told = changes.filter(({ runId }) => runId > earlier.runId && runId <= later.runId);
          const found = await diff(earlier.runId, later.runId);
          for (const id of [0, 1, 2].map(organizationId)) {
            const ofOne = (list: readonly Change[]) => list.filter((one) => one.organizationId === id);
            const isOneStatus = !ofOne(told).some(({ kind }) => stepKinds.has(kind));
            const isAlwaysThere = between.every(({ roll }) => roll.has(id));
            const known = knownFields(id, between);
            const comparable = known.filter(
              (field) => (isAlwaysThere || !isValue(field)) && (isOneStatus || !isOtherSet(field)),
            );
            const [sum, all] = [addUp(ofOne(found)), addUp(ofOne(told))];
            for (const field of comparable) expect(sum[field], field).toEqual(all[field]);
            // What gives it is known on each of the nights.
            if (known.includes('roles') && isSameThroughout(between, known))
              expect(sum.superAdministrator).toBe(all.superAdministrator);
          }
        }
      }),
      always,
    );
  });

  test('a diff backwards mirrors the diff forwards', async () => {
    await fc.assert(
      fc.asyncProperty(someHistory, async (nights) => {
        const { taken } = await takeNights(nights);
        for (const { earlier, later } of pairsOf(taken)) {
          const isWhole = (id: string) => knownFields(id, [earlier, later]).length === fieldNames.length;
          const forwards = (await diff(earlier.runId, later.runId)).map(about);
          const backwards = (await diff(later.runId, earlier.runId)).map(about);
          const mirror = forwards.map(({ kind, before, after, added, removed, ...rest }) => ({
            ...rest,
            kind: mirrored[kind] ?? kind,
            before: after,
            after: before,
            added: removed,
            removed: added,
          }));
          expect(new Set(backwards.filter((one) => isWhole(one.organizationId)))).toEqual(
            new Set(mirror.filter((one) => isWhole(one.organizationId))),
          );
        }
      }),
      always,
    );
  });

  test('a diff of two runs in a row is what the second stored, but for the ids', async () => {
    await fc.assert(
      fc.asyncProperty(someHistory, async (nights) => {
        const { taken } = await takeNights(nights);
        for (const [index, { runId }] of taken.slice(1).entries()) {
          const stored = await listChanges(database.db, { runId });
          expect(await diff(taken[index]?.runId ?? 0, runId)).toEqual(
            stored.map((change) => ({ ...change, id: null })),
          );
        }
      }),
      always,
    );
  });
});

test('a diff tells who had invited and that the departure was ours, whenever it was between the runs', async () => {
  const invited = aMembership({ organizationId: globex, status: 'invited' });
  const invitation = {
    id: 'i1',
    organizationId: globex,
    invitedBy: 'boss@example.com',
    invitedOn: night(1),
    expiresOn: null,
    status: 'pending',
  };
  await takeNight(database.db, [aMembership()], { at: night(1) });
  const second = await claim(database.db, { at: night(2) });
  await store(database.db, second, { memberships: [aMembership(), invited], invitations: [invitation] });
  const departure = { principal: 'ops-bot', organizationId: acme, organizationName: 'Acme' };
  await settleDeparture(database.db, await recordDeparture(database.db, departure, night(3)), 'left');
  await takeNight(database.db, [invited], { at: night(4) });
  await takeNight(database.db, [invited], { at: night(5) });

  expect(await diff(1, 4)).toMatchObject([
    {
      id: null,
      runId: 4,
      organizationId: acme,
      kind: 'left',
      byUs: true,
      notBefore: night(1),
      notAfter: night(5),
    },
    { organizationId: globex, kind: 'invited', invitedBy: 'boss@example.com', invitedOn: night(1) },
  ]);
  expect(await diff(4, 1)).toMatchObject([
    { kind: 'joined', byUs: false, returning: false, notBefore: night(1), notAfter: night(5) },
    { kind: 'invitation_gone', invitedBy: null, goneBecause: null },
  ]);
});

test('who was there before the older run, gone in it and there in the newer returns', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  await takeNight(database.db, [], { at: night(2) });
  await takeNight(database.db, [], { at: night(3) });
  await takeNight(database.db, [aMembership()], { at: night(4) });

  expect(await diff(2, 4)).toMatchObject([{ kind: 'joined', returning: true }]);
  expect(await diff(1, 4)).toEqual([]);
});

test('a diff leaves out what other principals saw', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  await takeNight(database.db, [], { principal: 'legacy', at: night(1) });
  await takeNight(database.db, [aMembership()], { principal: 'legacy', at: night(2) });
  await takeNight(database.db, [aMembership()], { at: night(3) });

  expect(await diff(1, 4)).toEqual([]);
});
