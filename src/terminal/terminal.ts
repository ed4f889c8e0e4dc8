import { createInterface } from 'node:readline/promises';
import { RollcallError } from '../domain/errors.ts';

/** Where a command speaks to whoever called it. */
export interface Terminal {
  /** A result, to standard output, with a line end. */
  print: (text: string) => void;
  /** A result that ends its own lines, to standard output. */
  write: (text: string) => void;
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
  close: () => void;
}

/** Makes the terminal of this process, which takes SIGINT and SIGTERM until it is closed. */
export function createTerminal(): Terminal {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    stop.abort(new RollcallError('stopped', `rollcall was told to stop (${name}).`));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  // A reader such as `head` that has seen enough is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const progress = createProgress();
  const write = (text: string) => {
    progress.clear();
    process.stdout.write(text);
  };
  return {
    print: (text) => write(`${text}\n`),
    write,
    warn(text) {
      progress.clear();
      process.stderr.write(`${text}\n`);
    },
    progress: (text) => progress.draw(text),
    ask,
    width: process.stdout.isTTY ? process.stdout.columns : null,
    signal: stop.signal,
    close() {
      progress.clear();
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    },
  };
}

function createProgress() {
  let drawn = false;
  return {
    draw(text: string) {
      if (!process.stderr.isTTY) return;
      process.stderr.write(`\r\u001B[K${text.slice(0, process.stderr.columns - 1)}`);
      drawn = true;
    },
    clear() {
      if (drawn) process.stderr.write('\r\u001B[K');
      drawn = false;
    },
  };
}

async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new RollcallError(
      'usage',
      'Nobody is there to confirm: give --yes to go ahead without being asked.',
    );
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}
