import { createRedactor, type Redact } from '../domain/redact.ts';
import { type Secret } from '../domain/secret.ts';
import { type Terminal } from './terminal.ts';

/** A terminal that warns without secrets. They are asked for once there is something to warn of. */
export function discreet(terminal: Terminal, readSecrets: () => readonly Secret[]): Terminal {
  let redact: Redact | undefined;
  return {
    ...terminal,
    warn(text) {
      redact ??= createRedactor(readSecrets());
      terminal.warn(redact(text));
    },
  };
}
