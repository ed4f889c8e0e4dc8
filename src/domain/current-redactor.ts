import { createRedactor, type Redact } from './redact.ts';
import { type Secret } from './secret.ts';

/**
 * {@link createRedactor} of secrets that become more while it is in use. They are asked for with each text: another list
 * is another set of them.
 */
export function createCurrentRedactor(listSecrets: () => readonly Secret[]): Redact {
  let known: readonly Secret[] | undefined;
  let redact: Redact = (text) => text;
  return (text) => {
    const current = listSecrets();
    if (current !== known) redact = createRedactor(current);
    known = current;
    return redact(text);
  };
}
