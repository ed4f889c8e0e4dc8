import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { describeError } from '../domain/errors.ts';

/** What keeps a file of settings from being read: what was expected of it. */
export class FileFault extends Error {
  override readonly name = 'FileFault';
  /** The line that it is about; `null` where it is about the whole file. */
  readonly line: number | null;

  constructor(expectation: string, line: number | null = null) {
    super(expectation);
    this.line = line;
  }
}

const largestBytes = 1024 * 1024;

/** Milliseconds between two looks at a pipe that has nothing to say yet. */
const pipePauseMs = 20;

/** So many looks without a byte are ten seconds. */
const pipeLooks = 500;

/** What the pipes held that were read, by their identity: each can be read once, whoever asks again. */
const pipes = new Map<string, Buffer>();

/** Whether something stands there, be it a link that leads nowhere. One that may not be looked for counts as there. */
export function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOTDIR');
  }
}

/**
 * The text of a file of settings or of one that holds a secret: a plain file in UTF-8 of at most a megabyte, without its
 * byte order mark. Nothing else is waited for or read without end: of what is no plain file only `/dev/null` counts, as
 * empty, and a pipe that this process was given open (`<(…)` in bash, `/dev/stdin`), which is read once, within ten
 * seconds. Throws {@link FileFault}.
 */
export function readSettingsFile(file: string): string {
  return decode(readBytes(file));
}

function readBytes(file: string): Buffer {
  const descriptor = open(file);
  try {
    const stats = fstatSync(descriptor);
    if (stats.isFIFO()) return readPipe(descriptor, { file, stats });
    if (isNothing(stats)) return Buffer.alloc(0);
    if (!stats.isFile()) throw new FileFault(`expected a plain file, found ${kindOf(stats)}`);
    return readAll(descriptor, () => false);
  } finally {
    closeSync(descriptor);
  }
}

/** Without waiting for whoever would write into a pipe. */
function open(file: string): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if (isThere(file) && isDangling(file)) {
      throw new FileFault('expected a readable file: it is a link to something that is not there');
    }
    throw unreadable(error);
  }
}

function isDangling(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

function isNothing(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === statSync('/dev/null').rdev;
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** A pipe that has a name can be opened by anybody, and only by waiting for a writer. */
function readPipe(descriptor: number, { file, stats }: { file: string; stats: Stats }): Buffer {
  if (!/^\/(?:dev\/(?:stdin|fd\/\d+)|proc\/self\/fd\/\d+)$/.test(file)) {
    throw new FileFault('expected a plain file, found a named pipe');
  }
  const identity = `${stats.dev}:${stats.ino}`;
  const known = pipes.get(identity);
  if (known !== undefined) return known;
  let looks = 0;
  const bytes = readAll(descriptor, () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pipePauseMs);
    looks += 1;
    return looks < pipeLooks;
  });
  pipes.set(identity, bytes);
  return bytes;
}

/** Reads to the end. Where there is nothing yet, `waitForMore` waits, or says that it has waited long enough. */
function readAll(descriptor: number, waitForMore: () => boolean): Buffer {
  const buffer = Buffer.alloc(largestBytes + 1);
  let length = 0;
  while (length <= largestBytes) {
    const read = readSome(descriptor, buffer.subarray(length));
    if (read === 0) return Buffer.from(buffer.subarray(0, length));
    if (read !== null) length += read;
    else if (!waitForMore())
      throw new FileFault('expected a pipe to be closed by its writer within 10 seconds');
  }
  throw new FileFault('expected at most a megabyte, found more');
}

/** How many bytes were read, 0 at the end; `null` where there is nothing yet. */
function readSome(descriptor: number, into: Buffer): number | null {
  try {
    return readSync(descriptor, into);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return null;
    throw unreadable(error);
  }
}

function unreadable(error: unknown): FileFault {
  return new FileFault(`expected a readable file: ${describeError(error)}`);
}

const utf16Marks = ['fffe', 'feff'];

function decode(bytes: Buffer): string {
  const isUtf16 = utf16Marks.includes(bytes.toString('hex', 0, 2));
  if (isUtf16) throw new FileFault('expected UTF-8, found UTF-16: save it again as UTF-8');
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw new FileFault('expected UTF-8 text, found a NUL byte', lineAt(bytes, zero));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FileFault('expected UTF-8, found another encoding: save it again as UTF-8', faultyLine(bytes));
  }
}

function lineAt(bytes: Buffer, position: number): number {
  return bytes.subarray(0, position).toString('latin1').split('\n').length;
}

/** The first line that is no UTF-8; a line end is a byte of its own in it. */
function faultyLine(bytes: Buffer): number {
  const lines = bytes.toString('latin1').split('\n');
  return 1 + lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1')));
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
