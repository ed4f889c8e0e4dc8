import { Writable } from 'node:stream';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { createCurrentRedactor } from './domain/current-redactor.ts';
import { type Redact } from './domain/redact.ts';
import { type Secret } from './domain/secret.ts';
import { visibleJson, visibleLines } from './domain/visible.ts';

/** Pino's logger, called with data first and then a text that is always the same. */
export type Log = Logger;

/** From which level on to log, for whom, and what to keep out of it. */
export interface LogOptions {
  level: string;
  /** Whether a person reads it: then lines are laid out for a terminal, otherwise they are JSON. */
  forPeople: boolean;
  /**
   * What is taken out of every line, whoever wrote it, in messages, fields, errors and their stacks; see
   * {@link createCurrentRedactor}, also for secrets that are too short. Default: none.
   */
  secrets?: readonly Secret[] | (() => readonly Secret[]);
  /** Default: standard error. */
  destination?: Writable;
}

/**
 * A structured log on standard error, without secrets; standard output is for results. What a reader could not see of a text
 * is escaped in JSON, and spelled out for people. What it cannot write, as on a full disk, it keeps until it can, a
 * megabyte at most: telling undoes no work.
 */
export function createLog({ level, forPeople, secrets = [], destination }: LogOptions): Log {
  const redact = createCurrentRedactor(typeof secrets === 'function' ? secrets : () => secrets);
  const tell: Redact = forPeople ? (text) => visibleLines(redact(text)) : redact;
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: { streamWrite: (line: string) => tellLine(line, tell) },
  };
  const target = destination ?? openStandardError();
  target.on('error', () => undefined);
  if (!forPeople) return pino(options, target);
  return pino(
    options,
    pretty({
      destination: unfailing(target),
      sync: true,
      ignore: 'pid,hostname',
      translateTime: 'UTC:HH:MM:ss',
    }),
  );
}

function openStandardError() {
  return pino.destination({ dest: 2, sync: true, maxLength: 1_048_576 });
}

/** What lays out lines for people gives up for good on a stream that has failed once. */
function unfailing(target: { write: (text: string) => unknown }): Writable {
  return new Writable({
    write(text: Buffer, _encoding, done) {
      target.write(text.toString());
      done();
    },
  });
}

/**
 * Text by text, each as it was before it was escaped, so that the line stays JSON whatever the secrets are. By hand: over
 * a text of millions of quotes, and a listing may have one, a pattern exhausts its stack.
 */
function tellLine(line: string, tell: Redact): string {
  const told: string[] = [];
  for (let place = 0; place < line.length;) {
    const quote = line.indexOf('"', place);
    const start = quote === -1 ? line.length : quote;
    told.push(tellNumbers(line.slice(place, start), tell));
    place = endOfText(line, start);
    told.push(tellText(line.slice(start, place), tell));
  }
  return told.join('');
}

/** Behind the quote that ends the text which begins there; the line's end for a text that is not ended. */
function endOfText(line: string, start: number): number {
  for (let quote = line.indexOf('"', start + 1); quote !== -1; quote = line.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (line[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return line.length;
}

function tellText(token: string, tell: Redact): string {
  if (token === '') return '';
  const text = JSON.parse(token) as string;
  const told = tell(text);
  return visibleJson(told === text ? token : JSON.stringify(told));
}

function tellNumbers(between: string, tell: Redact): string {
  return between.replaceAll(/-?\d[\d.eE+-]*/g, (token) => {
    const told = tell(token);
    return told === token ? token : JSON.stringify(told);
  });
}
