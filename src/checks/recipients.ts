import { type AudienceConfig } from '../config/audiences.ts';
import { RollcallError } from '../domain/errors.ts';
import { didYouMean } from '../domain/nearest.ts';
import { recipientsOf } from '../report/audience.ts';

/** Everybody who gets reports, by mail or webhook, each once whatever the case; the first spelling counts. */
export function listRecipients(audiences: readonly AudienceConfig[]): string[] {
  const distinct = new Map<string, string>();
  for (const { name } of audiences.flatMap(recipientsOf)) {
    if (!distinct.has(name.toLowerCase())) distinct.set(name.toLowerCase(), name);
  }
  return [...distinct.values()];
}

/** Those recipients that are asked for, each once, as the configuration spells them. Throws `usage` for one who gets no reports. */
export function findRecipients(audiences: readonly AudienceConfig[], asked: readonly string[]): string[] {
  const known = listRecipients(audiences);
  const found = asked.map((address) => {
    const one = known.find((recipient) => recipient.toLowerCase() === address.trim().toLowerCase());
    if (one !== undefined) return one;
    throw new RollcallError(
      'usage',
      `${address} gets no reports, so nothing was sent.${didYouMean(address, known)} Those who do: ${known.join(', ')}.`,
    );
  });
  return [...new Set(found)];
}
