import { createReadStream } from 'node:fs';
import { Unreadable } from './lines.ts';

/** A stretch of a file, in bytes: from `start` up to and without `end`. */
export interface Stretch {
  file: string;
  start: number;
  end: number;
}

/** No row has more bytes than this: PostgreSQL makes no larger JSON. */
const longestLine = 256 * 1024 * 1024;

const bytesAtOnce = 256 * 1024;
const lineEnd = 0x0a;

/**
 * The lines of a stretch, some at a time, without their ends. Throws {@link Unreadable} where it ends within a line, is not UTF-8, or
 * has a line that is longer than any row's.
 */
export async function* readLines({ file, start, end }: Stretch): AsyncGenerator<string[]> {
  if (end <= start) return;
  let begun: Buffer[] = [];
  let begunBytes = 0;
  const chunks = createReadStream(file, { start, end: end - 1, highWaterMark: bytesAtOnce });
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    const last = chunk.lastIndexOf(lineEnd);
    const rest = chunk.subarray(last + 1);
    if (last >= 0) {
      yield decode(Buffer.concat([...begun, chunk.subarray(0, last)])).split('\n');
      begun = [];
      begunBytes = 0;
    }
    begun.push(rest);
    begunBytes += rest.length;
    if (begunBytes > longestLine) throw new Unreadable(`it has a line of more than ${longestLine} bytes`);
  }
  if (begunBytes > 0) throw new Unreadable('it ends within a line');
}

/** Strictly: a byte that is no text would read as another text that is. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Unreadable('it is not UTF-8');
  }
}
