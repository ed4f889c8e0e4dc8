import fs from 'node:fs';
import { registerHooks } from 'node:module';
import net from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { readFate } from './fate.ts';

/*
 * Loaded into a process before the command line, which knows nothing of it, this lets the process meet its fate. A write
 * is one to a socket (PostgreSQL, the API, the mail server, standard output), a message to the embedded database, or one
 * to a file, which is how that one stores.
 */

const { startsAt, leapMs, death, tally } = readFate(process.env);
const diesAfterwards = death !== null && 'side' in death && death.side === 'after';

const { now: readClock } = Date;
let aheadMs = startsAt.getTime() - readClock();
let hasLeapt = false;

let writes = 0;
let marksSeen = 0;

startSooner();
setClock();
dieAtSockets();
dieAtEmbeddedDatabase();
dieAtFiles();
process.once('exit', () => {
  if (tally !== null) fs.writeFileSync(tally, String(writes));
});

/**
 * Node.js reads a package's manifest anew for each of its files, to know their format. That of drizzle-orm, with many
 * files, is so long that this takes half of a start, and there are hundreds of starts.
 */
function startSooner(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL = '' } = context;
      if (!specifier.startsWith('.') || !parentURL.includes('/node_modules/drizzle-orm/'))
        return next(specifier, context);
      return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true };
    },
  });
}

function setClock(): void {
  Date.now = () => readClock() + aheadMs;
  globalThis.Date = new Proxy(Date, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [Date.now()] : args, newTarget) as Date,
  });
}

function dieAtSockets(): void {
  intercept(net.Socket.prototype, 'write', ([data, ...others], write) => {
    const text = spell(data);
    if (!isLast(text)) return write(text.includes(itsClock) ? askForOurClock(text) : data, ...others);
    return diesAfterwards ? write(data, undefined, die) : die();
  });
}

/** How PostgreSQL is asked for the time, by which those go who share it. */
const itsClock = 'clock_timestamp()';

/** The same message of PostgreSQL's protocol, a letter and its length before it, that asks for the time of this process. */
function askForOurClock(message: string): Buffer {
  const body = message.slice(5).replaceAll(itsClock, `(${itsClock} + interval '${Math.round(aheadMs)} ms')`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(message.charAt(0)), length, Buffer.from(body, 'latin1')]);
}

function dieAtEmbeddedDatabase(): void {
  intercept(PGlite.prototype, 'execProtocolRawSync', ([message], execute) => {
    const text = spell(message);
    if (/\bnext AS \(/.test(text)) leap();
    if (!isLast(text)) return execute(message);
    if (diesAfterwards) execute(message);
    return die();
  });
}

function dieAtFiles(): void {
  intercept(fs, 'writeSync', (args, write) => (isLast('') ? die() : write(...args)));
}

/** Has `meet` called in place of a method, with its arguments and the method itself. */
function intercept<Name extends string>(
  owner: Record<Name, (...args: never[]) => unknown>,
  name: Name,
  meet: (args: unknown[], method: (...args: unknown[]) => unknown) => unknown,
): void {
  owner[name] = new Proxy(owner[name], {
    apply: (method, self, args: unknown[]) =>
      meet(args, (...given) => Reflect.apply(method, self, given) as unknown),
  });
}

/** pg-boss is about to look for a job: what it took back at its start is due by now. */
function leap(): void {
  if (!hasLeapt) aheadMs += leapMs;
  hasLeapt = true;
}

/** Counts a write, and tells whether it is the last. */
function isLast(text: string): boolean {
  writes += 1;
  if (death === null) return false;
  if ('write' in death) return writes >= death.write;
  while (death.marks[marksSeen]?.test(text) === true) marksSeen += 1;
  return marksSeen === death.marks.length;
}

function spell(data: unknown): string {
  return data instanceof Uint8Array ? Buffer.from(data).toString('latin1') : String(data);
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('A process goes on that was killed.');
}
