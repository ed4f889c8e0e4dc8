import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changeKinds } from '../../src/domain/change.ts';
import { digestRoll, membershipLine, canonicalJson } from '../../src/domain/digest.ts';
import {
  columnOf,
  fieldNames,
  fillUnknown,
  membershipColumns,
  membershipFields,
  membershipRow,
} from '../../src/domain/membership.ts';
import { listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { fingerprint } from '../../src/snapshot/delta.ts';
import { useDatabase } from '../support/database.ts';
import { aMembership, aWholeMembership, night, takeNight } from '../support/nights.ts';
import { rowsOf } from '../support/raw-rows.ts';

const database = useDatabase();

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((value) => value.replaceAll('\0', '␀'));
const set = fc.uniqueArray(text, { maxLength: 3 }).map((values) => values.sort());
const valuesOf = { text, set, flag: fc.boolean() };

/** A membership's own id is kept, and is no difference to tell. */
const isTold = (field: (typeof fieldNames)[number]) => field !== 'membershipId';

/** Two values of a field that are not the same. */
const pairs = (field: (typeof fieldNames)[number]) =>
  fc
    .tuple(valuesOf[membershipFields[field]], valuesOf[membershipFields[field]])
    .filter(([left, right]) => canonicalJson(left) !== canonicalJson(right));

describe('a field that differs, whichever it is, is a difference everywhere', () => {
  for (const field of fieldNames) {
    test(field, async () => {
      const [sample] = fc.sample(pairs(field), { numRuns: 1, seed: 7 });
      const [one, other] = sample ?? [];
      const before = { ...aWholeMembership(), [field]: one };
      const after = { ...aWholeMembership(), [field]: other };
      const source = 'memberships';
      await takeNight(database.db, [before], { source, at: night(1) });
      const told = await takeNight(database.db, [after], { source, at: night(2) });
      const quiet = await takeNight(database.db, [after], { source, at: night(3) });

      expect(told.changes).toHaveLength(isTold(field) ? 1 : 0);
      for (const { kind } of told.changes) expect(changeKinds).toContain(kind);
      expect(quiet.changes).toEqual([]);
      expect(await listChanges(database.db, {})).toEqual(told.changes);
      expect(await rowsOf(database.db, 'memberships')).toHaveLength(2);
      expect((await listMembers(database.db, {}))[0]?.[field]).toEqual(other);
      expect(membershipColumns).toContain(columnOf(field));
    });

    test(`${field}, in digest, fingerprint, row and what is filled in`, () => {
      fc.assert(
        fc.property(pairs(field), ([one, other]) => {
          const before = { ...aWholeMembership(), [field]: one };
          const after = { ...aWholeMembership(), [field]: other };
          expect(digestRoll([before])).not.toBe(digestRoll([after]));
          expect(fingerprint(before)).not.toBe(fingerprint(after));
          expect(membershipRow(before)).not.toEqual(membershipRow(after));
          expect(membershipLine(before)).toBe(canonicalJson(membershipRow(before)));
          expect(fillUnknown({ ...after, [field]: null }, before, fieldNames)).toEqual(before);
        }),
      );
    });
  }
});

test('a membership has no field that the list does not name', () => {
  expect(['organizationId', ...fieldNames].sort()).toEqual(Object.keys(aMembership()).sort());
});

test('whatever a stranger writes, PostgreSQL and rollcall take the same fingerprint of it', async () => {
  const strange = fc.record({
    organizationName: text,
    status: text,
    roles: set,
    permissions: set,
    membershipId: text,
    twoFactorEnforced: fc.boolean(),
    apiAccess: fc.boolean(),
    policies: set,
    parentOrganization: text,
  });
  const memberships = fc
    .sample(strange, { numRuns: 200, seed: 3 })
    .map((given, number) => ({ organizationId: String(number).padStart(32, '0'), ...given }));
  await takeNight(database.db, memberships, { at: night(1) });
  const [first] = memberships;
  const renamed = { ...(first ?? aMembership()), organizationName: 'Renamed' };
  const { changes } = await takeNight(database.db, [renamed, ...memberships.slice(1)], { at: night(2) });

  expect(changes).toMatchObject([{ kind: 'renamed' }]);
});
