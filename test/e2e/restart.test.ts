import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { type Database } from '../../src/database/database.ts';
import { deliveries } from '../../src/database/schema.ts';
import { listRuns } from '../../src/history/runs.ts';
import { ageHeartbeats, letBackoffPass } from '../support/clock.ts';
import { rollcall, startRollcall, untilSaid } from '../support/command-line.ts';
import { lookInto } from '../support/database-environment.ts';
import { deploy, halfADayAway } from '../support/deployment.ts';
import { createDatabase } from '../support/postgres-databases.ts';
import { startPostgresInstance } from '../support/postgres-instance.ts';

/** Something that is reached once, and goes on when it is let. */
function gate() {
  const { promise: reached, resolve: reach } = Promise.withResolvers<undefined>();
  const { promise: opened, resolve: open } = Promise.withResolvers<undefined>();
  return {
    reached,
    open: () => open(undefined),
    pass: () => {
      reach(undefined);
      return opened;
    },
  };
}

it(
  'PostgreSQL that restarts in the middle of a run, and again in the middle of a delivery, costs neither',
  { timeout: 120_000 },
  async ({ signal }) => {
    const server = await startPostgresInstance();
    onTestFinished(() => server.stop());
    const database = { DATABASE_URL: await createDatabase(server.url) };
    const [page, mail] = [gate(), gate()];
    const { simulator, mailServer, variables } = await deploy({
      mailServer: {
        onData: (stream, _session, done) =>
          void buffer(stream).then(async (message) => {
            mailServer.messages.push(message);
            await mail.pass();
            done(null);
          }),
      },
    });
    simulator.onRequest = ({ query }) => (query['page'] === '2' ? page.pass() : undefined);

    const worker = startRollcall(['worker'], { ...variables, ...halfADayAway, ...database });
    worker.stdout.resume();
    const log = buffer(worker.stderr);
    await page.reached;
    await server.shutDown();
    await server.startAgain();
    page.open();
    await mail.reached;
    await server.shutDown();
    await server.startAgain();
    mail.open();

    await until(signal, () => lookInto(database, isAllDone));
    worker.kill('SIGTERM');
    await once(worker, 'exit');
    expect(worker.exitCode).toBe(0);
    const runs = await lookInto(database, (db) => listRuns(db, { limit: 10 }));
    expect(runs.filter(({ state }) => state === 'complete')).toMatchObject([{ organizations: 60 }]);
    const ids = mailServer.messages.map((message) => /^Message-ID: (.*)$/im.exec(message.toString())?.[1]);
    expect(new Set(ids).size).toBe(1);
    expect(String(await log)).not.toContain('[object Object]');
  },
);

it(
  'a database that is away is told once, in words, and once when it is back',
  { timeout: 120_000 },
  async () => {
    const server = await startPostgresInstance();
    onTestFinished(() => server.stop());
    const { variables } = await deploy();
    const database = { DATABASE_URL: await createDatabase(server.url) };
    const worker = startRollcall(['worker'], { ...variables, ...halfADayAway, ...database });
    worker.stdout.resume();
    let said = await untilSaid(worker.stderr, 'run complete');
    await server.shutDown();
    said += await untilSaid(worker.stderr, 'database is away');
    // Long enough for every part of the worker to have asked for it in vain.
    await Promise.all([1, 2, 3].map(() => rollcall(['runs'], { ...variables, ...database })));
    await server.startAgain();
    said += await untilSaid(worker.stderr, 'database is back');
    worker.kill('SIGTERM');
    said += String(await buffer(worker.stderr));
    const lines = said
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: number; msg: string });
    expect(lines.filter(({ level }) => level > 30)).toMatchObject([
      {
        msg: 'database is away, and tried again until it is back',
        error: expect.stringMatching(/\w/) as string,
      },
    ]);
    expect(lines.filter(({ msg }) => msg === 'database is back')).toHaveLength(1);
  },
);

/** Lets time pass for what waits, as an hour would, and says whether nothing is left to do. */
async function isAllDone(db: Database): Promise<boolean> {
  const runs = await listRuns(db, { limit: 10 });
  const ledger = await db.select().from(deliveries);
  if (runs.some(({ state }) => state === 'complete') && ledger.every(({ state }) => state === 'sent'))
    return true;
  await ageHeartbeats(db);
  await letBackoffPass(db);
  return false;
}

/** Looks, once a second, until it is so or the test is over. */
async function until(signal: AbortSignal, isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setTimeout(1_000, undefined, { signal });
}
