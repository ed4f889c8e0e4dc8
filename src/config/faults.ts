import { RollcallError } from '../domain/errors.ts';

/** Collects what is wrong with a configuration, so that all of it is reported at once. */
export interface Faults {
  /** `where` is a variable, or a file and a path in it; `expectation` says what was expected there. */
  add(where: string, expectation: string): void;
  /** Throws `configuration` with every fault on a line of its own; does nothing when there is none. */
  throwIfAny(): void;
}

/** Starts without a fault: one collection for all that reads a configuration. */
export function collectFaults(): Faults {
  const lines: string[] = [];
  return {
    add: (where, expectation) => void lines.push(`${where}: ${expectation}`),
    throwIfAny() {
      if (lines.length === 0) return;
      const count = lines.length === 1 ? 'one fault' : `${lines.length} faults`;
      throw new RollcallError(
        'configuration',
        `The configuration has ${count}; nothing was done.\n  ${lines.join('\n  ')}`,
      );
    },
  };
}
