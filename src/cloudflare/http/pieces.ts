/** So many chunks are put together: enough that each byte is copied once, and few enough to wait in memory. */
const mostWaiting = 1024;

/** What has come of a body, in pieces. */
export interface Pieces {
  add(chunk: Buffer): void;
  /** All that was added, in its order: far fewer pieces than chunks where these are small. */
  readonly all: readonly Buffer[];
}

/**
 * Gathers the chunks of a body. A server may send one byte at a time: kept as it comes, each would be an object of its own, and
 * a megabyte of them half a gigabyte.
 */
export function createPieces(): Pieces {
  const all: Buffer[] = [];
  let whole = 0;
  return {
    all,
    add(chunk) {
      all.push(chunk);
      if (all.length - whole < mostWaiting) return;
      all.push(Buffer.concat(all.splice(whole)));
      whole += 1;
    },
  };
}
