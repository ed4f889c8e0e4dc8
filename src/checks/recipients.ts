import { type AudienceConfig } from '../config/audiences.ts';

/** Everybody who gets mail, each once whatever the case; the first spelling counts. */
export function listRecipients(audiences: readonly AudienceConfig[]): string[] {
  const distinct = new Map<string, string>();
  for (const address of audiences.flatMap(({ to }) => to)) {
    if (!distinct.has(address.toLowerCase())) distinct.set(address.toLowerCase(), address);
  }
  return [...distinct.values()];
}
