import { type Terminal } from '../../src/terminal/terminal.ts';

/** A terminal on paper: what it printed as results, and what it warned of. */
export interface Paper {
  terminal: Terminal;
  printed: () => string;
  warned: () => string;
}

/** Paper of that many columns; `null` for none, as where standard output is a file. Nobody is asked anything. */
export function onPaper(width: number | null = null): Paper {
  let printed = '';
  let warned = '';
  const terminal: Terminal = {
    print: (text) => void (printed += `${text}\n`),
    write: (text) => void (printed += text),
    pour(text) {
      printed += text;
      return Promise.resolve(true);
    },
    warn: (text) => void (warned += `${text}\n`),
    progress: () => undefined,
    ask: () => Promise.reject(new Error('Nobody is asked.')),
    width,
    signal: new AbortController().signal,
    close: () => Promise.resolve(true),
  };
  return { terminal, printed: () => printed, warned: () => warned };
}
