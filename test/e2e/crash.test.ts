import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { applyNight } from '../../src/simulator/night.ts';
import { ageHeartbeats } from '../support/clock.ts';
import { startRollcall, untilSaid } from '../support/command-line.ts';
import { lookInto } from '../support/database-environment.ts';
import { deploy } from '../support/deployment.ts';

describe('when a process or a mail server dies', () => {
  it('a report that could not be sent stays owed, and the next run sends it under the same Message-ID', async () => {
    const { simulator, rollcall, mailServer, readHistory } = await deploy();
    await rollcall(['run']);
    applyNight(simulator.world);
    const failed = await rollcall(['run'], { SMTP_URL: 'smtp://127.0.0.1:1' });
    expect(failed.status).toBe(1);
    expect(failed.stderr).toMatch(/report to security@example\.com not sent/);
    const before = (await readHistory()).deliveries.at(-1);
    expect(before).toMatchObject({ state: 'pending', attempts: 1 });
    expect((await rollcall(['run'])).status).toBe(0);
    const after = (await readHistory()).deliveries.at(-1);
    expect(after).toMatchObject({ state: 'sent', attempts: 2, messageId: before?.messageId });
    expect(mailServer.messages).toHaveLength(2);
    expect(mailServer.messages[1]?.toString()).toContain(before?.messageId);
  });

  it('kill -9 in the middle of a delivery leaves it to the next run, which waits for it or says that it is owed', async () => {
    const { promise: reached, resolve: reach } = Promise.withResolvers<undefined>();
    const { promise: mended, resolve: mend } = Promise.withResolvers<undefined>();
    const { variables, database, rollcall, readHistory } = await deploy({
      mailServer: {
        onRcptTo: (_address, _session, done) => {
          reach(undefined);
          void mended.then(() => done());
        },
      },
    });
    const run = startRollcall(['run'], variables);
    await reached;
    run.kill('SIGKILL');
    await once(run, 'close');
    mend(undefined);
    if ('DATABASE_URL' in database) {
      const hasty = await rollcall(['run', '--wait', '0']);
      expect(hasty.status).toBe(1);
      expect(hasty.stderr).toMatch(/1 delivery is still owed.*another process.*rollcall reports/);
      expect((await readHistory()).deliveries).toMatchObject([{ state: 'unknown', attempts: 1 }]);
      const patient = startRollcall(['run'], variables);
      await untilSaid(patient.stderr, 'waiting up to 90 seconds');
      // Half a minute without a sign of life.
      await lookInto(database, ageHeartbeats);
      await once(patient, 'close');
      expect(patient.exitCode).toBe(0);
    } else {
      expect(await rollcall(['run'])).toMatchObject({ status: 0, stderr: '' });
    }
    expect((await readHistory()).deliveries).toMatchObject([{ state: 'sent', attempts: 2 }]);
  });

  it('kill -9 in the middle of a run leaves nothing half stored, and the next run does the night', async () => {
    const { simulator, variables, database, rollcall, readHistory } = await deploy();
    await rollcall(['run']);
    const happened = applyNight(simulator.world);
    simulator.faults.add({ on: { path: 'list', page: 2 }, fault: { kind: 'stall', at: 'headers' } });
    const { promise: reached, resolve } = Promise.withResolvers<undefined>();
    simulator.onRequest = ({ query }) => {
      if (query['page'] === '2') resolve(undefined);
    };
    const run = startRollcall(['run'], variables);
    await reached;
    run.kill('SIGKILL');
    await once(run, 'close');
    simulator.onRequest = undefined;
    if ('DATABASE_URL' in database) {
      const busy = await rollcall(['run', '--wait', '0']);
      expect(busy.stderr).toMatch(/run 2 is under way, since .* by .+:\d+/);
      expect(busy.status).toBe(1);
      // Elsewhere the dead show by their missing heartbeat: let it have been missing for long.
      await lookInto(database, ageHeartbeats);
    }
    const again = await rollcall(['run']);
    expect(again.status).toBe(0);
    expect(again.stderr.match(/its process died/g)).toHaveLength(1);
    const { runs, changes } = await readHistory();
    expect(runs.map(({ state }) => state)).toEqual(['complete', 'failed', 'complete']);
    expect(runs[1]?.error).toMatch(/Its process .* died in the middle of the run/);
    expect(runs[0]).toMatchObject({ baselineRunId: 1, changes: happened.length });
    expect(changes).toHaveLength(happened.length);
  });
});
