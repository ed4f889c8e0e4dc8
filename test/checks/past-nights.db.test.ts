import { expect, test } from 'vitest';
import { readHistory } from '../../src/checks/history.ts';
import { endRunShort } from '../../src/schedule/claim.ts';
import { useDatabase } from '../support/database.ts';
import { aMembership, claim, evidence, globex, holdNight, night, takeNight } from '../support/nights.ts';

const database = useDatabase();

test('the nights that routes are judged by are those that ended in the last thirty days, with their changes', async () => {
  const { db } = database;
  const acme = aMembership();
  const other = aMembership({ organizationId: globex, roles: ['Billing'] });
  await takeNight(db, [acme], { at: night(1) });
  await takeNight(db, [acme, other], { at: night(2) });
  await takeNight(db, [acme, { ...other, permissions: ['#dns:edit'] }], { at: night(3) });
  await takeNight(db, [acme], { at: night(3), principal: 'legacy' });
  const failing = await claim(db, { at: night(4) });
  await endRunShort(db, failing, { state: 'failed', error: 'no answer', evidence, now: night(4) });
  const dead = await claim(db, { at: night(5) });
  await endRunShort(db, dead, { state: 'failed', abandoned: true, error: 'died', evidence, now: night(5) });
  await holdNight(db, [], { at: night(6) });
  await claim(db, { at: night(7), principal: 'legacy' });

  const nothing = { removed: [], offered: [], added: [], superAdministrator: null };
  const { nights } = await readHistory(db, [], night(31));
  expect(nights).toMatchObject([
    { principal: 'ops-bot', state: 'complete', isBaseline: true, changes: [] },
    {
      state: 'complete',
      isBaseline: false,
      changes: [{ ...nothing, kind: 'joined', added: ['Billing'], count: 1 }],
    },
    { state: 'complete', changes: [{ ...nothing, kind: 'permissions_changed', count: 1 }] },
    { principal: 'legacy', state: 'complete', isBaseline: true, changes: [] },
    { state: 'failed', isBaseline: false, endedAt: night(4), changes: [] },
    { state: 'held' },
  ]);
  expect((await readHistory(db, [], night(36))).nights.map(({ state }) => state)).toEqual(['held']);
});
