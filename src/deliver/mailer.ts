import { type ReportKind } from '../domain/report.ts';
import { type Threading } from './message-id.ts';

/** One report to one recipient, ready to send. The same mail at every retry, down to its date. */
export interface Mail extends Threading {
  /** An address, with or without a name: `Rollcall <rollcall@example.com>`. */
  from: string;
  to: string;
  /** `<…@…>`; the same at every retry, so that a mail that arrives twice can be told to be one. */
  messageId: string;
  kind: ReportKind;
  /** The name of whom it is about; `null` for a mail that is about several. */
  principal: string | null;
  /** `null` for a mail that is about no run. */
  runId: number | null;
  /** Whether it cannot wait until the reader comes to it. */
  isImportant: boolean;
  subject: string;
  text: string;
  html: string;
  attachment: { filename: string; csv: string } | null;
  /** When the report was made, not when it is sent. */
  date: Date;
}

/**
 * What became of an attempt:
 *
 * - `sent`: the server said 250 after the whole message, or the file is written; `withoutFile` says why the CSV is not in it
 * - `refused`: for good; this message or this recipient is not taken, or the message not with its file (`isTooLarge`)
 * - `retry`: certainly not taken, and not for a fault of the message: no connection, a login refused, a "later". No other
 *   mail would do better just now where it never came to a session (`isServerAway`)
 * - `unknown`: the whole message was handed over, and nobody can say whether the server took it; `isServerAway` where it
 *   lets others wait as long
 *
 * Of a webhook `sent` is any status of success, and `response` names it.
 */
export type SendOutcome =
  | { outcome: 'sent'; response: string; file?: string; withoutFile?: string }
  | { outcome: 'refused'; error: string; isTooLarge?: boolean }
  | { outcome: 'retry'; error: string; isServerAway?: boolean }
  | { outcome: 'unknown'; error: string; isServerAway?: boolean };

/** Where mail goes: a mail server, or a folder of `.eml` files. */
export interface Mailer {
  /** Where mail goes, for people: never with a user or a password. */
  describe: string;
  /** Never throws for what a server or a disk does: that is an outcome. Ends within the mailer's deadline. */
  send(mail: Mail): Promise<SendOutcome>;
  /** Goes as far as one can without sending, up to the sender; throws a `RollcallError` of code `delivery` with the remedy. */
  verify(): Promise<void>;
  /** Cuts what is still open; a send in hand ends with the outcome that is true of it. */
  close(): Promise<void>;
}
