import { createCurrentRedactor } from '../domain/current-redactor.ts';
import { type Secret } from '../domain/secret.ts';
import { type Terminal } from './terminal.ts';

/** A terminal that warns without secrets. They are asked for when there is something to warn of. */
export function discreet(terminal: Terminal, readSecrets: () => readonly Secret[]): Terminal {
  const redact = createCurrentRedactor(readSecrets);
  return {
    ...terminal,
    warn(text) {
      terminal.warn(redact(text));
    },
  };
}
