import { beforeEach, expect, test } from 'vitest';
import { type ChangeFilter, listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { listRuns } from '../../src/history/runs.ts';
import { useDatabase } from '../support/database.ts';
import { acme, globex, night } from '../support/nights.ts';
import { tellStory } from './story.ts';

const database = useDatabase();

beforeEach(() => tellStory(database.db));

test('changes are narrowed by what is given, and by all of it together', async () => {
  const kindsOf = async (filter: ChangeFilter) =>
    (await listChanges(database.db, filter)).map(({ kind }) => kind);

  expect(await kindsOf({ organizationId: acme })).toEqual(['left', 'joined']);
  expect(await kindsOf({ kind: 'left' })).toEqual(['left', 'left']);
  expect(await kindsOf({ principal: 'legacy' })).toEqual([]);
  expect(await kindsOf({ runId: 3 })).toEqual(['invited']);
  expect(await kindsOf({ organizationId: globex, kind: 'left' })).toEqual(['left']);
});

test('since takes in its instant and until leaves it out, so that periods can be put side by side', async () => {
  const early = await listChanges(database.db, { until: night(4) });
  const late = await listChanges(database.db, { since: night(4) });

  expect(early.map(({ notAfter }) => notAfter)).toEqual([night(2), night(3)]);
  expect([...early, ...late]).toEqual(await listChanges(database.db, {}));
});

test('runs are newest first, of one principal or one state where asked, and no more than asked', async () => {
  const idsOf = async (filter: Parameters<typeof listRuns>[1]) =>
    (await listRuns(database.db, filter)).map(({ id }) => id);

  expect(await idsOf({ limit: 2 })).toEqual([6, 5]);
  expect(await idsOf({ limit: 10, principal: 'legacy' })).toEqual([2]);
  expect(await idsOf({ limit: 10, state: 'failed' })).toEqual([]);
});

test('members are narrowed by principal and organization', async () => {
  expect(await listMembers(database.db, { organizationId: globex })).toMatchObject([{ principal: 'legacy' }]);
  expect(await listMembers(database.db, { at: night(3), principal: 'ops-bot' })).toMatchObject([
    { organizationName: 'Acme', since: night(1) },
    { organizationName: 'Globex', since: night(3) },
  ]);
});
