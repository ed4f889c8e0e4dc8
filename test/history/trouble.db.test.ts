import { expect, test } from 'vitest';
import { reports } from '../../src/database/schema.ts';
import { findTrouble } from '../../src/history/trouble.ts';
import { useDatabase } from '../support/database.ts';
import { claim, evidence, night, takeNight } from '../support/nights.ts';
import { endRunShort } from '../../src/schedule/claim.ts';

const database = useDatabase();

function silence(principalId: number, at: Date) {
  return database.db
    .insert(reports)
    .values({ principalId, kind: 'failure', subject: '', text: '', html: '', createdAt: at });
}

test('a silence that was told before the last complete run is over', async () => {
  const { run } = await takeNight(database.db, [], { at: night(1) });
  await silence(run.principalId, night(2));
  expect(await findTrouble(database.db, run.principalId)).toMatchObject({ reportedAt: night(2) });
  await takeNight(database.db, [], { at: night(3) });

  expect(await findTrouble(database.db, run.principalId)).toMatchObject({ reportedAt: null });
});

test('the trouble of one principal is not that of another', async () => {
  const opsBot = await takeNight(database.db, [], { principal: 'ops-bot', at: night(1) });
  const legacy = await takeNight(database.db, [], { principal: 'legacy', at: night(1) });
  await silence(legacy.run.principalId, night(2));
  const failed = await claim(database.db, { principal: 'legacy', at: night(2) });
  await endRunShort(database.db, failed, { state: 'failed', error: 'no answer', evidence, now: night(2) });

  expect(await findTrouble(database.db, opsBot.run.principalId)).toMatchObject({
    lastComplete: { runId: opsBot.run.id },
    reportedAt: null,
    missedRuns: 0,
  });
  expect(await findTrouble(database.db, legacy.run.principalId)).toMatchObject({
    lastComplete: { runId: legacy.run.id },
    reportedAt: night(2),
    missedRuns: 1,
  });
});

test('what a run ends that has just become complete is the trouble before it', async () => {
  await takeNight(database.db, [], { at: night(1) });
  const failed = await claim(database.db, { at: night(2) });
  await endRunShort(database.db, failed, { state: 'failed', error: 'no answer', evidence, now: night(2) });
  const { run } = await takeNight(database.db, [], { at: night(3) });

  expect(await findTrouble(database.db, run.principalId)).toMatchObject({ missedRuns: 0 });
  expect(await findTrouble(database.db, run.principalId, run.id)).toMatchObject({
    lastComplete: { runId: 1 },
    missedRuns: 1,
  });
});
