import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { sql } from 'drizzle-orm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { letBackoffPass } from '../support/clock.ts';
import { lookInto } from '../support/database-environment.ts';
import { startRollcall, untilSaid } from '../support/command-line.ts';
import { deploy, halfADayAway } from '../support/deployment.ts';

const everySecond = { ROLLCALL_SCHEDULE: '* * * * * *' };

describe('the worker', () => {
  it('runs each slot once, at the instant it was due, and SIGTERM ends it with status 0', async () => {
    const { variables, readHistory } = await deploy();
    const worker = startRollcall(['worker'], { ...variables, ...everySecond });
    await untilSaid(worker.stderr, 'run complete');
    worker.kill('SIGTERM');
    await untilSaid(worker.stderr, 'worker stopped');
    await once(worker, 'exit');
    expect(worker.exitCode).toBe(0);
    const { runs } = await readHistory();
    expect(runs.length).toBeGreaterThan(0);
    expect(new Set(runs.map(({ slot }) => slot?.getTime())).size).toBe(runs.length);
    for (const run of runs) {
      expect(run).toMatchObject({ state: 'complete', trigger: 'schedule' });
      expect(run.slot?.getMilliseconds()).toBe(0);
    }
  });

  it('lets a run that is in hand end before it stops', async () => {
    const { simulator, variables, readHistory } = await deploy();
    const { promise: reached, resolve: reach } = Promise.withResolvers<undefined>();
    const { promise: answered, resolve: answer } = Promise.withResolvers<undefined>();
    simulator.onRequest = async ({ query }) => {
      if (query['page'] !== '2') return;
      reach(undefined);
      await answered;
    };
    const worker = startRollcall(['worker'], { ...variables, ...everySecond });
    await reached;
    worker.kill('SIGTERM');
    await untilSaid(worker.stderr, 'worker stopping');
    answer(undefined);
    await untilSaid(worker.stderr, 'worker stopped');
    await once(worker, 'exit');
    expect((await readHistory()).runs[0]).toMatchObject({ state: 'complete', organizations: 60 });
  });

  it('sends at its start what an earlier run could not and has waited long enough', async () => {
    const { variables, database, rollcall, mailServer, readHistory } = await deploy();
    await rollcall(['run'], { SMTP_URL: 'smtp://127.0.0.1:1' });
    expect(mailServer.messages).toHaveLength(0);
    await lookInto(database, (db) => letBackoffPass(db));
    const worker = startRollcall(['worker'], variables);
    await untilSaid(worker.stderr, 'report sent');
    expect(mailServer.messages).toHaveLength(1);
    worker.kill('SIGTERM');
    await once(worker, 'exit');
    expect((await readHistory()).deliveries).toMatchObject([{ state: 'sent', attempts: 2 }]);
  });

  it('shares the slots with a second one on PostgreSQL, and keeps one away from its embedded folder', async () => {
    const { variables, rollcall, readHistory } = await deploy();
    if (!('DATABASE_URL' in variables)) {
      const worker = startRollcall(['worker'], variables);
      await untilSaid(worker.stderr, 'worker started');
      const second = await rollcall(['worker']);
      expect(second).toMatchObject({ status: 1, stdout: '' });
      expect(second.stderr).toContain(`is in use by process ${worker.pid}`);
      return;
    }
    const workers = [1, 2].map(() => startRollcall(['worker'], { ...variables, ...everySecond }));
    await Promise.all(workers.map((worker) => untilSaid(worker.stderr, '"slot"')));
    for (const worker of workers) worker.kill('SIGTERM');
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
    const { runs } = await readHistory();
    expect(new Set(runs.map(({ slot }) => slot?.getTime())).size).toBe(runs.length);
    expect(runs.map(({ state }) => state)).not.toContain('failed');
  });

  it('tells over HTTP how it is, and in its log which run, principal and slot a line is about', async () => {
    const { variables } = await deploy();
    const worker = startRollcall(['worker'], { ...variables, ...halfADayAway });
    const said = await untilSaid(worker.stderr, 'report sent');
    const lines = said
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const url = lines.find(({ msg }) => msg === 'health is served')?.['url'] as string;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ready', database: 'ok', queue: 'ok', work: 'ok' },
    ]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('rollcall_runs_total{principal="default",state="complete"} 1');
    expect(metrics).toMatch(/rollcall_last_complete_run_timestamp_seconds\{principal="default"\} \d/);
    expect(lines.find(({ msg }) => msg === 'run complete')).toMatchObject({
      job: 'snapshot',
      run: 1,
      principal: 'default',
      slot: expect.stringMatching(/:00:00\.000Z$/) as string,
    });
    worker.kill('SIGTERM');
    await once(worker, 'exit');
  });

  it('ends with one line where it cannot begin, rather than to live without work', async () => {
    const { database, rollcall } = await deploy();
    await lookInto(database, (db) => db.execute(sql`alter table rollcall.deliveries rename to mislaid`));
    const worker = await rollcall(['worker'], { ROLLCALL_HTTP: '127.0.0.1:0' });
    expect(worker).toMatchObject({ status: 1, stdout: '' });
    expect(worker.stderr).toMatch(/\nrollcall: .*owed mail.*"rollcall\.deliveries" does not exist\n$/);
    expect(worker.stderr).not.toContain('worker started');
  });

  it('ends with one line where another program has the port that it was told to serve at', async () => {
    const { variables, rollcall } = await deploy();
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const worker = await rollcall(['worker'], { ...variables, ROLLCALL_HTTP: String(port) });
    expect(worker).toMatchObject({ status: 1, stdout: '' });
    expect(worker.stderr.trimEnd().split('\n').at(-1)).toMatch(
      new RegExp(`^rollcall: .*127\\.0\\.0\\.1:${port}: another program has the port.*ROLLCALL_HTTP`),
    );
    expect(worker.stderr).not.toContain('worker started');
  });
});
