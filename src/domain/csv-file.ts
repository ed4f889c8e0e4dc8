import { createHash } from 'node:crypto';

const byteOrderMark = '\uFEFF';

/** The content of a CSV file as it is stored: PGlite takes a byte order mark off whatever it reads, so that none is kept. */
export function storedCsv(content: string): string {
  return content.startsWith(byteOrderMark) ? content.slice(1) : content;
}

/**
 * The content of a stored CSV as it was mailed, to the byte: a byte order mark goes before it, unless the SHA-256 of the
 * file says that there was none, as in reports of version 0.1.0.
 */
export function mailedCsv(stored: string, sha256: string | null): string {
  const isWhole = createHash('sha256').update(stored, 'utf8').digest('hex') === sha256;
  return isWhole ? stored : byteOrderMark + stored;
}
