import { type JsonRow } from '../../domain/seal.ts';

/** Rows one after the other, with a look at the next. */
export interface Walk {
  /** The next row, which stays the next; `null` at the end. */
  peek(): Promise<JsonRow | null>;
  /** Takes rows from the front for as long as they are wanted. */
  takeWhile(isWanted: (row: JsonRow) => boolean): AsyncGenerator<JsonRow>;
}

/** Walks over rows, of which one is held at a time. */
export function walk(rows: AsyncIterable<JsonRow>): Walk {
  const iterator = rows[Symbol.asyncIterator]();
  let next: Promise<JsonRow | null> | undefined;
  const advance = () => iterator.next().then(({ done, value }) => (done === true ? null : value));
  const peek = () => (next ??= advance());
  return {
    peek,
    async *takeWhile(isWanted) {
      for (;;) {
        const row = await peek();
        if (row === null || !isWanted(row)) return;
        next = undefined;
        yield row;
      }
    },
  };
}
