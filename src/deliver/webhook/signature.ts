import { createHmac } from 'node:crypto';

/** What a signature covers. */
export interface Signed {
  /** The same at every attempt. */
  id: string;
  /** Of the attempt, in seconds since 1970. */
  timestamp: number;
  body: string;
}

/** `v1,` and the base64 of an HMAC-SHA256 over `id.timestamp.body`, as standardwebhooks.com has it. */
export function sign({ id, timestamp, body }: Signed, key: Buffer): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
