import { expect, test } from 'vitest';
import { watchdogJob } from '../../jobs/watchdog.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { letDie } from '../support/clock.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';
import { collectLog } from '../support/log-lines.ts';
import { claim } from '../support/nights.ts';

const database = useDatabase();

/** A worker beside which another died in the middle of a run, and what it logs. */
async function besideTheDead() {
  const simulator = await startedSimulator({ organizations: 2 });
  const { log, lines } = collectLog();
  const context = { ...aContext({ db: database.db, queue: database.queue, simulator }), log };
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  const run = await claim(database.db, { principal: principal.name, worker: 'host:1:dead' });
  const told = () => lines.filter(({ msg }) => String(msg).includes('its process died'));
  const takeItsPlace = () => runPrincipal(context, { principal, trigger: 'manual', slot: null });
  return { context, run, told, takeItsPlace };
}

test('a dead worker’s run that is taken over leaves one line, with its number and its worker', async () => {
  const { run, told, takeItsPlace } = await besideTheDead();
  expect((await takeItsPlace()).outcome).toBe('busy');
  expect(told()).toEqual([]);
  await letDie(database.db, run.id);
  expect((await takeItsPlace()).outcome).toBe('complete');
  await takeItsPlace();

  expect(told()).toMatchObject([{ level: 40, run: run.id, worker: 'host:1:dead', principal: run.principal }]);
});

test('one that the watchdog finds leaves one line too, and none with the run that takes its place', async () => {
  const { context, run, told, takeItsPlace } = await besideTheDead();
  await letDie(database.db, run.id);
  await watchdogJob.clock?.tick(context, context.now());
  await takeItsPlace();

  expect(told()).toMatchObject([{ level: 40, run: run.id, worker: 'host:1:dead' }]);
});
