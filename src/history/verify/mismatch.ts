/** What of a run does not match what was recorded when it ended. */
export type MismatchOf =
  /** What the run says of itself, or the hash over that. */
  | 'run'
  /** The memberships that it saw. */
  | 'snapshot'
  /** When a membership was first seen so, or no longer. */
  | 'interval'
  | 'changes'
  /** The failed runs and the reports that its link covers. */
  | 'records'
  /** It was not compared with the complete run before it. */
  | 'gap'
  /** A report about the principal, or its CSV. */
  | 'report'
  /** Rows are of one that is not there. */
  | 'principal';

/** The first thing of a principal that does not match; nothing after it was looked at. */
export interface Mismatch {
  principalId: number | null;
  /** `null` where it is about no run. */
  runId: number | null;
  of: MismatchOf;
  /** For people: what was found, and what should have been. */
  detail: string;
}

const names: Readonly<Record<MismatchOf, string>> = {
  run: 'what it says of itself',
  snapshot: 'its snapshot',
  interval: 'its memberships',
  changes: 'its changes',
  records: 'what it links',
  gap: 'a gap in the links',
  report: 'a report',
  principal: 'a principal',
};

/** For people: which run does not match, what of it, and what was found. */
export function describeMismatch({ runId, of, detail }: Omit<Mismatch, 'principalId'>): string {
  const what = runId === null ? `${names[of]} does not match` : `run ${runId} does not match (${names[of]})`;
  return `${what}: ${detail}`;
}

/** Thrown on the way, and caught where a principal's history is walked. */
export class Mismatched extends Error {
  override readonly name = 'Mismatched';
  readonly found: Omit<Mismatch, 'principalId'>;

  constructor(of: MismatchOf, runId: number | null, detail: string) {
    super(detail);
    this.found = { of, runId, detail };
  }
}
