/** What a report can be about; the table `reports` takes no other kind. */
export const reportKinds = ['changes', 'baseline', 'held', 'failure', 'recovery', 'digest'] as const;

/** What a report is about, as `reports.kind` says it. */
export type ReportKind = (typeof reportKinds)[number];

/** A report and those it is owed to. */
export interface OwedReport {
  kind: ReportKind;
  /** `null` for a report about no run. */
  runId: number | null;
  /** Of a digest: when it was due; otherwise `null`. */
  slot: Date | null;
  principalId: number | null;
  subject: string;
  text: string;
  html: string;
  /** `null` when there are no changes to list. */
  csv: { filename: string; content: string; sha256: string } | null;
  recipients: readonly string[];
  createdAt: Date;
}
