import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** A point in the work of a process: between two writes to a database, an API, a mail server or a file. */
export type Death =
  /** Before the write of that number, counted from 1. */
  | { write: number }
  /** At the write that has the last of these marks, once those before have been seen in their order. */
  | { marks: readonly RegExp[]; side: 'before' | 'after' };

/** What becomes of a process of the tests. */
export interface Fate {
  /** The time by which its clock starts. */
  startsAt: Date;
  /**
   * How far its clock leaps when it first asks the queue for a job: as far as it has to for what it has taken back from
   * the dead. The embedded database goes by the same clock.
   */
  leapMs: number;
  /** Where it dies, as by `kill -9`; `null` for not at all. */
  death: Death | null;
  /** A file that is told, when it ends by itself, how many writes it made; `null` for none. */
  tally: string | null;
}

const variable = 'CRASH_FATE';
const preload = pathToFileURL(path.join(import.meta.dirname, 'dying.ts')).href;

/** The environment in which a process of Node.js meets its fate. */
export function variablesOf(fate: Fate): Record<string, string> {
  const write = (_key: string, value: unknown) =>
    value instanceof RegExp ? { source: value.source, flags: value.flags } : value;
  return { [variable]: JSON.stringify(fate, write), NODE_OPTIONS: `--import ${preload}` };
}

export function readFate(variables: NodeJS.ProcessEnv): Fate {
  const { startsAt, death, ...others } = JSON.parse(variables[variable] ?? '') as Written;
  return {
    ...others,
    startsAt: new Date(startsAt),
    death:
      death !== null && 'marks' in death
        ? { ...death, marks: death.marks.map(({ source, flags }) => new RegExp(source, flags)) }
        : death,
  };
}

/** A fate as JSON has it. */
interface Written extends Omit<Fate, 'startsAt' | 'death'> {
  startsAt: string;
  death: { write: number } | { marks: { source: string; flags: string }[]; side: 'before' | 'after' } | null;
}
