import { hostname } from 'node:os';
import { findWay } from '../cloudflare/http/way.ts';
import { type Config } from '../config.ts';
import { createWebhookId } from '../deliver/webhook/webhook-id.ts';
import { openWebhooks, type Webhooks } from '../deliver/webhook/webhooks.ts';
import { describeError } from '../domain/errors.ts';
import { type ReportEvent } from '../domain/report-event.ts';
import { type Webhook } from '../domain/webhook.ts';
import { type Check, ok } from './check.ts';
import { failure } from './failure.ts';

const timeoutMs = 15_000;

/** What a look at the webhooks is about, and what ends it. */
export interface WebhooksLook {
  config: Pick<Config, 'webhooks' | 'proxies'>;
  /** Who is sent a test, webhooks among them. */
  testTo: readonly string[];
  now: Date;
  signal: AbortSignal;
}

/** Whether each webhook can be reached. Connects, in TLS, and sends nothing, unless it is asked for a test event. */
export async function checkWebhooks({ config, testTo, now, signal }: WebhooksLook): Promise<Check[]> {
  const webhooks = openWebhooks({
    webhooks: config.webhooks,
    findWay: (address) => findWay(address, config.proxies),
    now: () => now,
    timeoutMs,
  });
  signal.addEventListener('abort', () => void webhooks.close(), { once: true });
  const checks = await Promise.all(
    config.webhooks.map(async (webhook) => {
      const reached = await checkWebhook(webhooks, webhook);
      return testTo.includes(webhook.name)
        ? [reached, await sendTestEvent(webhooks, webhook, now)]
        : [reached];
    }),
  );
  return checks.flat();
}

const unreachable = 'See that it runs and can be reached from here, or correct its URL.';

async function checkWebhook(webhooks: Webhooks, { name, where, format }: Webhook): Promise<Check> {
  const subject = { check: 'webhook' } as const;
  try {
    await webhooks.verify(name);
    return ok(subject, `${name} (${where}, ${format}) can be reached; nothing was sent there`);
  } catch (error) {
    return failure(subject, describeError(error), unreachable);
  }
}

/** The ledger is for reports, and hears nothing of it. */
async function sendTestEvent(webhooks: Webhooks, { name, where }: Webhook, now: Date): Promise<Check> {
  const subject = { check: 'test_webhook' } as const;
  const json = JSON.stringify(composeTestEvent(now));
  const outcome = await webhooks.send({ to: name, id: createWebhookId(), json });
  if (outcome.outcome === 'sent') return ok(subject, outcome.response);
  const remedies = {
    refused: `Correct ${where} in rollcall.yaml.`,
    retry: unreachable,
    unknown: 'Look whether it arrived.',
  };
  const failed = failure(subject, outcome.error, remedies[outcome.outcome]);
  return { ...failed, found: `not sent: ${failed.found}` };
}

function composeTestEvent(now: Date): ReportEvent {
  return {
    schema: 1,
    type: 'rollcall.test',
    timestamp: now.toISOString(),
    data: {
      subject: '[rollcall] Test, not a report',
      headline: 'Test, not a report',
      alert: `This is a test: \`rollcall check --send-test-mail\` sent it from ${hostname()}. Nothing is to be done.`,
      reason: null,
      principal: null,
      run: null,
      last_complete: null,
      counts: {},
      changes: [],
      changes_left_out: 0,
      principals: [],
      principals_left_out: 0,
      needs: [],
      do_next: [],
      csv: null,
    },
  };
}
