/** What a report can be about; the table `reports` takes no other kind. */
export const reportKinds = ['changes', 'baseline', 'held', 'failure', 'recovery', 'digest', 'quiet'] as const;

/** What a report is about, as `reports.kind` says it. */
export type ReportKind = (typeof reportKinds)[number];

/** How a report can be delivered; the table `deliveries` takes no other way. */
export const carriers = ['mail', 'webhook'] as const;

/** By what a report is delivered, as `deliveries.carrier` says it. */
export type Carrier = (typeof carriers)[number];

/** One to whom a report goes. */
export interface ReportRecipient {
  carrier: Carrier;
  /** A mail address, or of a webhook what stands for its URL, which is a secret. */
  name: string;
  /** Whether the CSV goes with it. */
  withFile: boolean;
}

/** A report and those it is owed to. */
export interface OwedReport {
  kind: ReportKind;
  /** `null` for a report about no run. */
  runId: number | null;
  /** Of a digest: when it was due; otherwise `null`. */
  slot: Date | null;
  principalId: number | null;
  /** Whether its mail belongs to no thread, whatever its kind. Default: no. */
  standsAlone?: boolean;
  subject: string;
  text: string;
  html: string;
  /** `null` when there are no changes to list. */
  csv: { filename: string; content: string; sha256: string } | null;
  /** The same as JSON, for webhooks; `null` where none gets it. */
  json: string | null;
  recipients: readonly ReportRecipient[];
  createdAt: Date;
}
