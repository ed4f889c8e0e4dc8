import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { type ReportEvent } from '../../src/domain/report-event.ts';
import { eventRule } from '../../src/report/forms/json-schema.ts';
import { applyNight } from '../../src/simulator/night.ts';
import { folderWith } from '../config/folder.ts';
import { type Respond, startWebhookServer } from '../deliver/webhook/webhook-server.ts';
import { ageHeartbeats } from '../support/clock.ts';
import { rollcall, startRollcall } from '../support/command-line.ts';
import { lookInto } from '../support/database-environment.ts';
import { deploy } from '../support/deployment.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** A deployment whose reports go by mail, to a webhook and to Slack. */
async function deployWithWebhooks({ respond }: { respond?: Respond } = {}) {
  const deployment = await deploy({ world: { organizations: 10 } });
  const { variables } = deployment;
  const [hook, slack] = [
    await startWebhookServer({ ...(respond && { respond }) }),
    await startWebhookServer(),
  ];
  const folder = folderWith({
    'rollcall.yaml': `
      reports:
        - to: [security@example.com]
        - webhook: \${HOOK_URL}
          secretFile: secret
        - webhookFile: slack-url
          format: slack`,
    secret,
    'slack-url': slack.url,
  });
  const all = { ...variables, HOOK_URL: hook.url };
  const call = (...args: string[]) => rollcall(args, all, folder);
  return { ...deployment, variables: all, folder, hook, slack, call };
}

describe('reports by webhook', () => {
  it('go out with the mail, signed, in one ledger, and what they are can be seen and sent again', async () => {
    const { simulator, call, hook, slack, mailServer, readHistory, database } = await deployWithWebhooks();
    const first = await call('run');
    expect(first).toMatchObject({ status: 0, stderr: '' });
    applyNight(simulator.world);
    expect(await call('run')).toMatchObject({ status: 0, stderr: '' });

    const events = hook.calls.map(({ body }) => JSON.parse(body) as ReportEvent);
    expect(events.map(({ type }) => type)).toEqual(['rollcall.baseline', 'rollcall.changes']);
    for (const event of events) expect(eventRule.parse(event)).toEqual(event);
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    for (const { headers, body } of hook.calls) {
      const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      expect(headers['webhook-signature']).toBe(
        `v1,${createHmac('sha256', key).update(text).digest('base64')}`,
      );
    }
    const { changes, deliveries } = await readHistory();
    expect(events[1]?.data.changes.map(({ change_id: id }) => id)).toEqual(changes.map(({ id }) => id));
    expect(JSON.parse(slack.calls[1]?.body ?? '')).toMatchObject({
      text: expect.stringContaining('[rollcall] default: ') as string,
    });
    expect(mailServer.messages).toHaveLength(2);
    expect(deliveries.map(({ carrier, state, attempts }) => `${carrier} ${state} ${attempts}`)).toEqual(
      [1, 2].flatMap(() => ['mail sent 1', 'webhook sent 1', 'webhook sent 1']),
    );

    const name = deliveries[1]?.recipient ?? '';
    const shown = JSON.parse((await call('reports', 'show', '2', '--json')).stdout) as {
      json: string;
      deliveries: object[];
    };
    expect(shown.json).toBe(hook.calls[1]?.body);
    expect(shown.deliveries).toContainEqual(expect.objectContaining({ carrier: 'webhook', recipient: name }));
    expect((await call('reports', 'show', '2')).stdout).toMatch(/webhook-id msg_[0-9a-f-]{36}/);
    expect(await call('reports', 'resend', '2', '--to', name)).toMatchObject({ status: 0, stderr: '' });
    expect(hook.calls[2]).toMatchObject({
      body: shown.json,
      headers: { 'webhook-id': hook.calls[1]?.headers['webhook-id'] },
    });

    const rows = await lookInto(database, (db) =>
      queryRows(
        db,
        sql`select r::text as report, d::text as delivery from rollcall.reports r join rollcall.deliveries d on d.report_id = r.id`,
      ),
    );
    const told = JSON.stringify([rows, first.stdout, mailServer.messages.map(String)]);
    for (const part of ['Quokka4f9b', 'MfKQ9r8G', `:${hook.port}`]) expect(told).not.toContain(part);
  });

  it('are looked at by check, which sends nothing, or a test event where one is asked for', async () => {
    const { call, hook, slack, readHistory } = await deployWithWebhooks();
    const check = await call('check');
    expect(check.status).toBe(0);
    expect(check.stdout).toMatch(/^ok +webhook +webhook:[0-9a-f]{12} \(reports\[1\], json\) can be reached/m);
    expect(check.stdout).toMatch(
      /^ok +webhook +webhook:[0-9a-f]{12} \(reports\[2\], slack\) can be reached/m,
    );
    expect([hook.calls, slack.calls]).toEqual([[], []]);

    const tested = await call('check', '--send-test-mail');
    expect(tested.stdout.match(/^ok +test webhook +webhook:.* answered 204$/gm)).toHaveLength(2);
    const event = JSON.parse(hook.calls[0]?.body ?? '') as ReportEvent;
    expect(eventRule.parse(event)).toEqual(event);
    expect(event.type).toBe('rollcall.test');
    expect(slack.calls[0]?.body).toContain('not a report');
    expect((await readHistory()).deliveries).toEqual([]);
    expect(tested.stdout).not.toMatch(/Quokka4f9b|MfKQ9r8G/);
  });

  it('that fail are told by check and by run, with the remedy and without the URL', async () => {
    const { hook, folder, variables } = await deployWithWebhooks({
      respond: (response) => response.writeHead(410).end(),
    });
    const run = await rollcall(['run'], variables, folder);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/report to webhook:[0-9a-f]{12} not sent: .*answered 410.*refused for good/);
    const gone = { ...variables, HOOK_URL: 'http://127.0.0.1:1/hooks/Quokka4f9bPath' };
    const check = await rollcall(['check', '--send-test-mail'], gone, folder);
    expect(check.status).toBe(1);
    expect(check.stdout).toMatch(/^FAIL +webhook +webhook:.*ECONNREFUSED\)\. Check that it runs/m);
    expect(check.stdout).toMatch(/^FAIL +test webhook +not sent: webhook:.*ECONNREFUSED/m);
    expect([run, check].map(({ stdout, stderr }) => stdout + stderr).join()).not.toContain('Quokka4f9b');
    expect(hook.calls).toHaveLength(1);
  });

  it('kill -9 between sending and recording leaves it unknown, and it is sent again under the same id', async () => {
    let killed: ReturnType<typeof startRollcall> | null = null;
    const { variables, folder, database, hook, readHistory } = await deployWithWebhooks({
      respond: (response) => {
        if (killed?.exitCode === null && killed.signalCode === null) killed.kill('SIGKILL');
        else response.writeHead(204).end();
      },
    });
    killed = startRollcall(['run'], variables, folder);
    await once(killed, 'close');
    const ofWebhook = async () =>
      (await readHistory()).deliveries.filter(({ carrier }) => carrier === 'webhook');
    expect(await ofWebhook()).toMatchObject([
      { state: 'unknown', attempts: 1 },
      { state: 'pending', attempts: 0 },
    ]);
    await lookInto(database, ageHeartbeats);
    expect(await rollcall(['run'], variables, folder)).toMatchObject({ status: 0 });
    expect(await ofWebhook()).toMatchObject([
      { state: 'sent', attempts: 2 },
      { state: 'sent', attempts: 1 },
    ]);
    expect(new Set(hook.calls.map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size).toBe(1);
    expect(hook.calls).toHaveLength(2);
  });
});
