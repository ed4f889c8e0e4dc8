import { randomUUID } from 'node:crypto';

/** A webhook-id for one delivery, which keeps it at every retry. */
export function createWebhookId(): string {
  return `msg_${randomUUID()}`;
}
