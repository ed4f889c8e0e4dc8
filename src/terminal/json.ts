import { visibleJson } from '../domain/visible.ts';
import { type Terminal } from './terminal.ts';

/** Prints one JSON document. On a terminal what nobody could see in it is escaped; it says the same. */
export function printJson(terminal: Terminal, value: unknown): void {
  const json = JSON.stringify(value, null, 2);
  terminal.print(terminal.width === null ? json : visibleJson(json));
}
