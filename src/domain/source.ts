/** A value, or what reads it when it is wanted and throws where it cannot: it may be another one each time. */
export type Source<T extends object> = T | (() => T);

/** The value as it is now. */
export function readSource<T extends object>(source: Source<T>): T {
  return typeof source === 'function' ? source() : source;
}
