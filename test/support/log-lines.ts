import { Writable } from 'node:stream';
import { createLog, type Log } from '../../src/log.ts';

/** A log, and its lines as they come. */
export function collectLog(): { log: Log; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Record<string, unknown>);
      done();
    },
  });
  return { log: createLog({ level: 'info', forPeople: false, destination }), lines };
}
