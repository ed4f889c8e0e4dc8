/** What a report says of the complete run that it is about. */
export interface ReportedRun {
  runId: number;
  principal: string;
  /** The run of the baseline; `null` when this run is the principal's first. */
  baselineRunId: number | null;
  finishedAt: Date;
  /** From the last complete run before this one to this one; `null` at the principal's first. */
  window: { notBefore: Date; notAfter: Date } | null;
  /** Memberships of the snapshot with status `member`. */
  members: number;
  invited: number;
  /** Memberships with any other status, or none. */
  other: number;
  /** The head of the hash chain after this run, in hex. */
  chain: string;
}
