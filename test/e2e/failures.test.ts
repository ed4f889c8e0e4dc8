import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startMailServer } from '../deliver/mail-server.ts';
import { startRollcall, untilSaid } from '../support/command-line.ts';
import { deploy } from '../support/deployment.ts';

describe('when something goes wrong', () => {
  it('a refused token ends in exit status 1 and one line, and nobody is said to have left', async () => {
    const { simulator, variables, rollcall, readHistory } = await deploy();
    await rollcall(['run']);
    simulator.world.principal().tokenMay.list = false;
    const run = await rollcall(['run']);
    expect(run.status).toBe(1);
    expect(run.stdout).toContain(
      'sent to security@example.com: [rollcall] default: permission missing, no snapshot since ',
    );
    expect(run.stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(
        /^run 2 failed: default: .*GET \/user\/organizations.*403.*10000.*Memberships Read/,
      ),
    ]);
    expect(run.stderr).not.toContain(variables['CLOUDFLARE_API_TOKEN']);
    const { runs, changes, members } = await readHistory();
    expect(runs[0]).toMatchObject({ state: 'failed', requests: 2, organizations: null });
    expect(changes).toEqual([]);
    expect(members).toHaveLength(60);
  });

  it('a listing that does not add up stores nothing, says what does not, and ends incomplete', async () => {
    const { simulator, rollcall, readHistory } = await deploy();
    await rollcall(['run']);
    simulator.faults.add({
      on: { path: 'list', page: 2, times: Infinity },
      fault: { kind: 'total-count', add: 1 },
    });
    const run = await rollcall(['run']);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/run 2 incomplete: default: the listing does not add up: .*60.*61/);
    const { runs, changes } = await readHistory();
    expect(runs[0]).toMatchObject({ state: 'incomplete' });
    expect(changes).toEqual([]);
  });

  it('a refusal of one recipient does not keep the report from the others', async () => {
    const { rollcall, readMails } = await deploy({
      mailServer: {
        onRcptTo: ({ address }, _session, done) =>
          done(
            address.startsWith('gone@')
              ? Object.assign(new Error('no such user'), { responseCode: 550 })
              : null,
          ),
      },
    });
    const run = await rollcall(['run'], { MAIL_TO: 'gone@example.com, a@example.com,b@example.com' });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('no such user');
    expect(await readMails()).toHaveLength(2);
  });

  it('two configuration faults are both named, with exit status 2, and nothing is done', async () => {
    const { rollcall, simulator } = await deploy();
    const run = await rollcall(['run'], {
      CLOUDFLARE_EMAIL: 'ops@example.com',
      ROLLCALL_TIMEZONE: 'Mars/Olympus',
    });
    expect(run).toMatchObject({ status: 2, stdout: '' });
    expect(run.stderr).toContain('CLOUDFLARE_API_TOKEN: expected an API token or an email');
    expect(run.stderr).toContain('ROLLCALL_TIMEZONE: expected an IANA time zone');
    expect(simulator.requests).toHaveLength(0);
  });

  it('an interrupted run is recorded as failed, with exit status 1', async () => {
    const { simulator, variables, readHistory } = await deploy();
    simulator.faults.add({ on: { path: 'list', page: 2 }, fault: { kind: 'stall', at: 'headers' } });
    const { promise: reached, resolve } = Promise.withResolvers<undefined>();
    simulator.onRequest = ({ query }) => {
      if (query['page'] === '2') resolve(undefined);
    };
    const run = startRollcall(['run'], variables);
    await reached;
    run.kill('SIGINT');
    expect(await untilSaid(run.stderr, 'told to stop')).toMatch(/run 1 interrupted/);
    await once(run, 'close');
    expect(run.exitCode).toBe(1);
    expect((await readHistory()).runs).toMatchObject([{ state: 'failed' }]);
  });

  it('mail that the server will not talk about stays owed', async () => {
    const { rollcall, readHistory } = await deploy();
    await using full = await startMailServer({ onConnect: (_session, done) => done(new Error('go away')) });
    const run = await rollcall(['run'], { SMTP_URL: `smtp://127.0.0.1:${full.port}` });
    expect(run.status).toBe(1);
    expect((await readHistory()).deliveries).toMatchObject([{ state: 'pending', attempts: 1 }]);
  });
});
