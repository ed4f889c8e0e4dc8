import { createHash } from 'node:crypto';
import { type Secret } from './secret.ts';
import { type Source } from './source.ts';

/** What a webhook can be sent: rollcall's own JSON, signed; or Slack's blocks. */
export const webhookFormats = ['json', 'slack'] as const;

/** What a webhook is sent. */
export type WebhookFormat = (typeof webhookFormats)[number];

/** A place on the net that gets reports. Its URL is a secret: whoever has it can post there too. */
export interface Webhook {
  /** Stands for its URL wherever that would be told: {@link nameWebhook}. */
  name: string;
  /** Where it is configured, such as `reports[2]`. */
  where: string;
  /** Read again at each attempt where a file holds it. */
  url: Source<Secret>;
  /** What requests are signed with; `null` where the format has no signature. */
  secret: Source<Secret> | null;
  format: WebhookFormat;
}

/** `webhook:` and the first twelve hex digits of the URL's SHA-256, from which nobody gets it back. */
export function nameWebhook(url: string): string {
  return `webhook:${createHash('sha256').update(url).digest('hex').slice(0, 12)}`;
}

const prefix = 'whsec_';

/** The bytes to sign with, of `whsec_` and their base64; `null` where it is none, or not of 24 to 64 bytes. */
export function signingKeyOf(secret: string): Buffer | null {
  const text = secret.slice(prefix.length).replace(/={1,2}$/, '');
  if (!secret.startsWith(prefix) || !/^[A-Za-z0-9+/]+$/.test(text)) return null;
  const key = Buffer.from(text, 'base64');
  const isExact = key.toString('base64').replace(/=+$/, '') === text;
  return isExact && key.length >= 24 && key.length <= 64 ? key : null;
}
