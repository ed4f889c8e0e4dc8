import { type Writable } from 'node:stream';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { createRedactor, type Redact } from './domain/redact.ts';
import { type Secret } from './domain/secret.ts';

/** Pino's logger, called with data first and then a text that is always the same. */
export type Log = Logger;

/** From which level on to log, for whom, and what to keep out of it. */
export interface LogOptions {
  level: string;
  /** Whether a person reads it: then lines are laid out for a terminal, otherwise they are JSON. */
  forPeople: boolean;
  /**
   * What is taken out of every line, whoever wrote it, in messages, fields, errors and their stacks; see
   * {@link createRedactor}, also for secrets that are too short. Default: none.
   */
  secrets?: readonly Secret[];
  /** Default: standard error. */
  destination?: Writable;
}

/** A structured log on standard error, without secrets; standard output is for results. */
export function createLog({ level, forPeople, secrets = [], destination }: LogOptions): Log {
  const redact = createRedactor(secrets);
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: { streamWrite: (line: string) => redactLine(line, redact) },
  };
  if (!forPeople) return pino(options, destination ?? pino.destination({ dest: 2, sync: true }));
  return pino(
    options,
    pretty({
      destination: destination ?? 2,
      sync: true,
      ignore: 'pid,hostname',
      translateTime: 'UTC:HH:MM:ss',
    }),
  );
}

/** Text by text, each as it was before it was escaped, so that the line stays JSON whatever the secrets are. */
function redactLine(line: string, redact: Redact): string {
  return line.replaceAll(/"(?:[^"\\]+|\\.)*"|-?\d[\d.eE+-]*/g, (token) => {
    const text = token.startsWith('"') ? (JSON.parse(token) as string) : token;
    const told = redact(text);
    return told === text ? token : JSON.stringify(told);
  });
}
