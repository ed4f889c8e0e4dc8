import { type Agent } from 'node:http';
import { describeError, RollcallError } from '../../domain/errors.ts';
import { type Secret } from '../../domain/secret.ts';
import { readSource } from '../../domain/source.ts';
import { signingKeyOf, type Webhook } from '../../domain/webhook.ts';
import { type SendOutcome } from '../mailer.ts';
import { judgeAnswer, secretsOf } from './answer.ts';
import { DeadlinePassed, describeFailure, Stopped } from './failure.ts';
import { connect, post, type RequestOptions } from './request.ts';
import { sign } from './signature.ts';
import { writeSlack } from './slack.ts';

/** One report to one webhook. The same at every retry. */
export interface WebhookCall {
  /** The webhook's name, which stands for its URL. */
  to: string;
  /** `msg_…`; the same at every retry, so that what arrives twice can be told to be one. */
  id: string;
  /** The report as JSON; `null` where it was stored without. */
  json: string | null;
}

/** Where webhooks are, and how to get there. */
export interface WebhooksOptions {
  webhooks: readonly Webhook[];
  /** By which connections requests to an address go; the proxy is `null` where they go directly. */
  findWay: (address: URL) => { agent: Agent; proxy: string | null };
  now: () => Date;
  /** How long one request may take, from looking up the host to the answer. Default: 30,000. */
  timeoutMs?: number;
}

/** What posts reports to webhooks. */
export interface Webhooks {
  /** Never throws for what a server does: that is an outcome. Ends within the deadline. */
  send(call: WebhookCall): Promise<SendOutcome>;
  /** Connects, and sends nothing; throws a `RollcallError` of code `delivery` with the remedy. */
  verify(name: string): Promise<void>;
  /** Cuts what is under way; a request in hand ends with the outcome that is true of it. */
  close(): Promise<void>;
}

/** Posts to the webhooks that are configured; what is for any other is refused. */
export function openWebhooks(options: WebhooksOptions): Webhooks {
  const closing = new AbortController();
  const find = (name: string) => options.webhooks.find((webhook) => webhook.name === name);
  return {
    async send(call) {
      const webhook = find(call.to);
      if (webhook === undefined) return notConfigured(call.to);
      return sendTo(webhook, call, { ...options, closing: closing.signal });
    },
    async verify(name) {
      const webhook = find(name);
      if (webhook === undefined) throw new RollcallError('delivery', `${name} is not configured`);
      await verify(webhook, { ...options, closing: closing.signal });
    },
    close: () => {
      closing.abort(new Stopped());
      return Promise.resolve();
    },
  };
}

type Opened = WebhooksOptions & { closing: AbortSignal };

function notConfigured(name: string): SendOutcome {
  const error = `${name} is not configured any more: its URL is another one, or it was taken out of reports`;
  return { outcome: 'refused', error };
}

async function sendTo(webhook: Webhook, call: WebhookCall, opened: Opened): Promise<SendOutcome> {
  const where = nameOf(webhook);
  const read = readSecrets(webhook);
  if ('outcome' in read) return read;
  const body = bodyOf(webhook, call.json);
  if (typeof body === 'object') return { outcome: 'refused', error: `${where}: ${body.fault}` };
  const progress = { connected: false, handedOver: false };
  try {
    const headers = headersFor(call.id, body, { key: read.secret, now: opened.now() });
    const answer = await withDeadline(opened, (signal) =>
      post({ ...wayTo(read.url, opened), headers, signal }, body, progress),
    );
    return judgeAnswer(answer, { where, secrets: secretsOf(read.url, read.secret) });
  } catch (thrown) {
    const error = `${where}: ${describeFailure(thrown, opened.findWay(read.url).proxy)}`;
    // Whoever lets one request wait for the whole deadline does so with the next.
    const isServerAway = !progress.connected || thrown instanceof DeadlinePassed;
    return {
      outcome: progress.handedOver ? 'unknown' : 'retry',
      error,
      ...(isServerAway && { isServerAway }),
    };
  }
}

/** What the webhook is called where it is told of, and where it is configured. */
function nameOf({ name, where }: Webhook): string {
  return `${name} (${where})`;
}

/** As they are now; where a file cannot be read, it may be mended before the next attempt. */
function readSecrets(webhook: Webhook): { url: URL; secret: Secret | null } | SendOutcome {
  try {
    return {
      url: new URL(readSource(webhook.url).reveal()),
      secret: webhook.secret === null ? null : readSource(webhook.secret),
    };
  } catch (error) {
    return { outcome: 'retry', error: `${nameOf(webhook)}: ${describeError(error)}`, isServerAway: true };
  }
}

/** What is posted; or why there is nothing to post, as where another version stored the report otherwise. */
function bodyOf({ format }: Webhook, json: string | null): string | { fault: string } {
  if (json === null) return { fault: 'the report was stored without JSON' };
  if (format === 'json') return json;
  try {
    return writeSlack(json);
  } catch (error) {
    return { fault: `no blocks can be made of its JSON: ${describeError(error)}` };
  }
}

function headersFor(
  id: string,
  body: string,
  { key: secret, now }: { key: Secret | null; now: Date },
): Record<string, string> {
  const timestamp = Math.floor(now.getTime() / 1000);
  const key = secret === null ? null : signingKeyOf(secret.reveal());
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'rollcall',
    connection: 'close',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    ...(key !== null && { 'webhook-signature': sign({ id, timestamp, body }, key) }),
  };
}

function wayTo(url: URL, { findWay }: Opened): Pick<RequestOptions, 'url' | 'agent'> {
  return { url, agent: findWay(url).agent };
}

async function verify(webhook: Webhook, opened: Opened): Promise<void> {
  const read = readSecrets(webhook);
  if ('outcome' in read) throw new RollcallError('delivery', 'error' in read ? read.error : read.outcome);
  const { url } = read;
  try {
    await withDeadline(opened, (signal) => connect({ ...wayTo(url, opened), headers: {}, signal }));
  } catch (thrown) {
    // Without its cause, whose words have the host in them.
    const error = describeFailure(thrown, opened.findWay(url).proxy);
    throw new RollcallError('delivery', `${nameOf(webhook)}: ${error}`);
  }
}

/** Does `work` under a signal that ends it with {@link DeadlinePassed}, or when all is closed. */
async function withDeadline<T>(
  { timeoutMs = 30_000, closing }: Opened,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new DeadlinePassed(timeoutMs)), timeoutMs);
  try {
    return await work(AbortSignal.any([closing, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}
