/** What all subjects of ours begin with. */
export const subjectMark = '[rollcall] ';

/** Characters of a subject with its mark: what a phone shows in two lines, and a mail has in one. */
export const longestSubject = 78;

/** Characters of a name where there is hardly room. */
export const shortestName = 8;

/** The same where there is less: below {@link shortestName} a clause says the least that it can. */
const scarceNames = [6, 4] as const;

/** A part of a subject; `longestName` says how many characters a name in it may have. */
export type Clause = (longestName: number) => string;

/** What becomes of clauses for which there is no room. */
interface Fitting {
  /** Stands for what is left out; may be empty. */
  rest?: string;
  /** So many of the first are said, be there room or not. Default: 1. */
  kept?: number;
}

/** The clauses behind the principal's name, as many as the room takes, the gravest first: names give way before clauses do. */
export function fitSubject(
  start: string,
  clauses: readonly Clause[],
  { rest = 'and more', kept = 1 }: Fitting = {},
): string {
  const room = longestSubject - subjectMark.length - start.length;
  const join = (some: readonly Clause[], longestName: number) =>
    [...some.map((clause) => clause(longestName)), ...(some.length < clauses.length ? [rest] : [])]
      .filter(Boolean)
      .join(', ');
  const whole = [60, 30, 18].map((longestName) => join(clauses, longestName));
  const cut = clauses.slice(kept).map((_, index) => join(clauses.slice(0, clauses.length - 1 - index), 18));
  const first = clauses.slice(0, kept);
  const shortest = join(first, shortestName);
  const scarce =
    kept < 2 ? [] : [shortest, ...[shortestName, ...scarceNames].map((most) => joinAll(first, most))];
  const last = scarce.at(-1) ?? shortest;
  return `${start}${[...whole, ...cut, ...scarce].find((text) => text.length <= room) ?? last}`;
}

function joinAll(clauses: readonly Clause[], longestName: number): string {
  return clauses.map((clause) => clause(longestName)).join(', ');
}

/** ` in Acme`; where there is next to no room, what happened says more than where. */
export function placeOf(longestName: number, name: string): string {
  return longestName <= Math.min(...scarceNames) ? '' : ` in ${name}`;
}
