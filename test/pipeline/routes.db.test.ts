import { asc, eq } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { type AudienceConfig } from '../../src/config/audiences.ts';
import { type Context } from '../../src/context.ts';
import { deliveries, reports } from '../../src/database/schema.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

let simulator: Simulator;
let context: Context;
beforeEach(async () => {
  simulator = await startedSimulator({ organizations: 3 });
  context = aContext({ db: database.db, queue: database.queue, simulator });
});

async function takeNights(audiences: AudienceConfig[], nights: readonly (() => void)[]): Promise<void> {
  context.config.audiences = audiences;
  for (const prepare of nights) {
    prepare();
    const [principal] = context.config.principals;
    if (principal === undefined) throw new Error('expected a principal');
    await runPrincipal(context, { principal, trigger: 'manual', slot: null });
  }
}

/** Of each report its run, its kind and who gets it, those in parentheses without the file. */
async function readDeliveries(): Promise<string[]> {
  const found = await database.db
    .select({ report: reports, delivery: deliveries })
    .from(deliveries)
    .innerJoin(reports, eq(reports.id, deliveries.reportId))
    .orderBy(asc(deliveries.id));
  return found.map(({ report, delivery: { recipient, withFile } }) => {
    const [name = ''] = recipient.split('@');
    return `${report.runId} ${report.kind} ${withFile ? name : `(${name})`}`;
  });
}

const nothing = () => undefined;

test('each night is told by the routes that match it, and to nobody else', async () => {
  const principal = simulator.world.principal();
  await takeNights(
    [
      { to: ['all@example.com'], csv: false },
      { to: ['outsider@example.com'], categories: ['invitation'] },
      { to: ['proof@example.com'], about: ['quiet'], kinds: ['left'] },
      { to: ['on-call@example.com'], about: ['trouble'] },
      { to: ['heroes@example.com'], roles: ['hero*'] },
    ],
    [
      nothing,
      nothing,
      () => principal.put({ status: 'invited', roles: ['Heroes'] }),
      () => principal.put({ roles: ['Villains'] }),
      () => (principal.tokenMay.list = false),
      () => (principal.tokenMay.list = true),
    ],
  );
  expect(await readDeliveries()).toEqual([
    '1 baseline (all)',
    '2 quiet proof',
    '3 changes (all)',
    '3 changes outsider',
    '3 changes heroes',
    '3 quiet proof',
    '4 changes (all)',
    '4 quiet proof',
    '5 failure (all)',
    '5 failure on-call',
    '6 recovery (all)',
    '6 recovery on-call',
    '6 quiet proof',
  ]);
});

test('a quiet night stores no report that nobody asked for', async () => {
  await takeNights([{ to: ['all@example.com'], about: ['changes', 'trouble'] }], [nothing, nothing, nothing]);
  expect(await readDeliveries()).toEqual(['1 baseline all']);
});
