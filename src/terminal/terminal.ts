import { createInterface } from 'node:readline/promises';
import { type ReadStream, type WriteStream } from 'node:tty';
import { describeError, RollcallError } from '../domain/errors.ts';
import { visible, visibleLines } from '../domain/visible.ts';

/** Where a command speaks to whoever called it. What goes to a terminal shows what it hides. */
export interface Terminal {
  /** A result, to standard output, with a line end. */
  print: (text: string) => void;
  /** A result that ends its own lines, to standard output. */
  write: (text: string) => void;
  /** As {@link write}, a piece of a result that is long: resolves once it is taken, to whether anybody still takes more. */
  pour: (text: string) => Promise<boolean>;
  /** What went wrong or what to know, to standard error, with a line end. */
  warn: (text: string) => void;
  /** Draws over the last progress line; does nothing unless standard error is a terminal. */
  progress: (text: string) => void;
  /** Asks and returns the answer; throws `usage` where nobody can answer. */
  ask: (question: string) => Promise<string>;
  /** Columns of the terminal; `null` when standard output is not one. */
  width: number | null;
  /** Ends with SIGTERM or SIGINT; a second one ends the process. */
  signal: AbortSignal;
  /** Returns whether all results could be written, or were no longer wanted. */
  close: () => Promise<boolean>;
}

/** What a terminal reads from and writes to. */
export interface Streams {
  stdin: ReadStream;
  stdout: WriteStream;
  stderr: WriteStream;
}

/** Columns of a terminal that does not say how many it has, as one of a container may. */
const usualWidth = 80;

/** Fewer columns nothing is laid out for. */
const narrowestTerminal = 20;

/** Makes the terminal of this process, which takes SIGINT and SIGTERM until it is closed. */
export function createTerminal(streams: Streams = process): Terminal {
  const { stdout, stderr } = streams;
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    stop.abort(new RollcallError('stopped', `rollcall was told to stop (${name}).`));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  // Nobody is left to be told: the work goes on.
  stderr.on('error', () => undefined);
  const progress = createProgress(stderr);
  const warn = (text: string) => {
    progress.clear();
    stderr.write(`${stderr.isTTY ? visibleLines(text) : text}\n`);
  };
  const results = watchResults(stdout, warn);
  const write = (text: string) => {
    progress.clear();
    stdout.write(stdout.isTTY ? visibleLines(text) : text);
  };
  return {
    print: (text) => write(`${text}\n`),
    write,
    async pour(text) {
      write(text);
      await results.areTaken();
      return !results.isOver();
    },
    warn,
    progress: (text) => progress.draw(text),
    ask: (question) => ask(streams, question),
    width: stdout.isTTY ? Math.max(stdout.columns || usualWidth, narrowestTerminal) : null,
    signal: stop.signal,
    close() {
      progress.clear();
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
      return results.areWritten();
    },
  };
}

/** Says at once what keeps a result from being written. A reader such as `head` that has seen enough is no failure. */
function watchResults(stdout: WriteStream, warn: (text: string) => void) {
  let isFailed = false;
  let isOver = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    isOver = true;
    if (isFailed || error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
    isFailed = true;
    warn(`rollcall: The result could not be written to standard output: ${describeError(error)}.`);
  });
  const areTaken = async () => {
    await new Promise((resolve) => stdout.write('', resolve));
    // A stream says that it failed only after it has called back.
    await new Promise(setImmediate);
  };
  return {
    isOver: () => isOver,
    areTaken,
    async areWritten() {
      await areTaken();
      return !isFailed;
    },
  };
}

function createProgress(stderr: WriteStream) {
  let drawn = false;
  return {
    draw(text: string) {
      if (!stderr.isTTY) return;
      stderr.write(`\r\u001B[K${fit(visible(text), stderr.columns - 1)}`);
      drawn = true;
    },
    clear() {
      if (drawn) stderr.write('\r\u001B[K');
      drawn = false;
    },
  };
}

/** As much of a text as surely stays on its line: a character beyond Latin, Greek and Cyrillic may be two columns wide. */
function fit(text: string, columns: number): string {
  let taken = 0;
  const characters = Array.from(text);
  const end = characters.findIndex((character) => {
    taken += (character.codePointAt(0) ?? 0) < 0x500 ? 1 : 2;
    return taken > columns;
  });
  return end === -1 ? text : characters.slice(0, end).join('');
}

async function ask({ stdin, stderr }: Streams, question: string): Promise<string> {
  if (!stdin.isTTY) {
    throw new RollcallError(
      'usage',
      'Nobody is there to confirm: give --yes to go ahead without being asked.',
    );
  }
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return await lines.question(visibleLines(question));
  } finally {
    lines.close();
  }
}
