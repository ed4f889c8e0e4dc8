import { existsSync, readFileSync } from 'node:fs';
import { type Night, type Roll } from './roll.ts';

/** Where a database is: one of a server, or a data folder as `ROLLCALL_DATA_DIR` names it. */
export type Place = { kind: 'postgres'; url: string } | { kind: 'embedded'; folder: string };

export interface NightWork {
  place: Place;
  roll: Roll;
  night: Night;
}

/** What one process measures: a night in one of two ways, that night's listing alone, or opening a database. */
export type Work =
  | ({ way: 'ours' | 'plain' } & NightWork)
  | { way: 'listing'; roll: Roll; night: Night }
  | { way: 'open'; place: Place };

/** What is known after a night, and what has to be. */
export interface Counts {
  organizations: number;
  /** Of all memberships together. */
  permissions: number;
  /** Of this night, by kind. */
  changes: Record<string, number>;
}

export interface Reading {
  ms: number;
  /** Of the whole process, from its start to the end of the night. */
  peakMegabytes: number;
  /** Asked for when the clock has stopped; `null` where there is nothing to count. */
  counts: Counts | null;
}

/** Measures `work`, and asks for the counts when the clock has stopped and the memory has been read. */
export async function measure(
  work: () => Promise<void>,
  count: () => Promise<Counts | null>,
): Promise<Reading> {
  const startedAt = performance.now();
  await work();
  const ms = performance.now() - startedAt;
  const peakMegabytes = readPeakMegabytes();
  return { ms, peakMegabytes, counts: await count() };
}

/**
 * The most memory that this process has had. Linux begins what it calls `maxRSS` with what the parent had when it started
 * the process, and the peak beside it anew.
 */
function readPeakMegabytes(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const peak = /^VmHWM:\s*(\d+) kB/m.exec(status)?.[1];
  return (peak === undefined ? process.resourceUsage().maxRSS : Number(peak)) / 1024;
}
