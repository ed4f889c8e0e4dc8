import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Change } from '../../src/domain/change.ts';
import { tellDifferences } from '../../src/domain/difference.ts';
import {
  fieldNames,
  fillUnknown,
  type Membership,
  type MembershipField,
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

const database = useDatabase();

async function diff(from: number, to: number): Promise<Change[]> {
  return diffRuns(database.db, await findRunsToCompare(database.db, from, to));
}

/** A set of some of these, or unknown. */
const someOf = (...values: string[]) =>
  fc.option(fc.subarray(values).map(normalizeSet), { nil: null, freq: 20 });

const someMembership = fc.record({
  organizationName: fc.option(fc.constantFrom('Acme', 'Acme Ltd'), { nil: null, freq: 20 }),
  status: fc.option(fc.constantFrom('member', 'member', 'invited', 'suspended'), { nil: null, freq: 20 }),
  roles: someOf('Administrator', 'Billing', 'Super Administrator - All Privileges'),
  permissions: someOf('#dns:edit', '#zones:read'),
});

/** What each of three organizations is on one night; null where it is not listed. */
const someNight = fc.array(fc.option(someMembership, { nil: null, freq: 3 }), { minLength: 3, maxLength: 3 });

/** The same histories at every run; for others, and for more: `FUZZ_SEED`, `FUZZ_HISTORIES`. */
const always = {
  numRuns: Number(process.env['FUZZ_HISTORIES'] ?? 8),
  seed: Number(process.env['FUZZ_SEED'] ?? 1),
};

const someHistory = fc.array(someNight, { minLength: 2, maxLength: 7 });

/** A roll as it is stored, by organization id. */
type Roll = ReadonlyMap<string, Membership>;

let principals = 0;

/** Takes the nights of a principal of its own; the run and the roll of each. */
async function takeNights(nights: readonly (readonly (Omit<Membership, 'organizationId'> | null)[])[]) {
  const principal = `bot-${(principals += 1)}`;
  const taken: { runId: number; roll: Roll }[] = [];
  for (const [index, listed] of nights.entries()) {
    const memberships = listed.flatMap((fields, place) =>
      fields === null ? [] : [{ organizationId: organizationId(place), ...fields }],
    );
    const { run } = await takeNight(database.db, memberships, { principal, at: night(index + 1) });
    const known = taken.at(-1)?.roll;
    const filled = memberships.map((seen) => fillUnknown(seen, known?.get(seen.organizationId)));
    taken.push({ runId: run.id, roll: new Map(filled.map((one) => [one.organizationId, one])) });
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
function knownFields(id: string, nights: readonly { roll: Roll }[]): MembershipField[] {
  const isKnown = (field: MembershipField) => nights.every(({ roll }) => roll.get(id)?.[field] !== null);
  // What roles give depends on the status.
  return fieldNames.filter((field) => isKnown(field) && (field !== 'roles' || isKnown('status')));
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
            tellDifferences({ before: earlier.roll.get(id) ?? null, after: later.roll.get(id) ?? null }),
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
            const comparable = knownFields(id, between).filter(
              (field) =>
                (field !== 'organizationName' || isAlwaysThere) && (field !== 'permissions' || isOneStatus),
            );
            const [sum, all] = [addUp(ofOne(found)), addUp(ofOne(told))];
            for (const field of comparable) expect(sum[field], field).toEqual(all[field]);
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
