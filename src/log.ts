import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type Log = Logger;

export interface LogOptions {
  level: string;
  /** Whether a person reads it: then lines are laid out for a terminal, otherwise they are JSON. */
  forPeople: boolean;
}

/** A structured log on standard error; standard output is for results. Secrets print as `[secret]` by their type. */
export function createLog({ level, forPeople }: LogOptions): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (!forPeople) return pino(options, pino.destination({ dest: 2, sync: true }));
  return pino(
    options,
    pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'UTC:HH:MM:ss' }),
  );
}
