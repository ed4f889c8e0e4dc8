import { type ChangeKind } from '../domain/change.ts';

/**
 * What a report says, before it is written as text and as HTML: one value for both, so that they cannot differ.
 * Text from outside has been through `inert` already; the writers only lay out, and the HTML one escapes.
 */
export interface Content {
  /** The subject after `[rollcall] `, and the first line of the mail. */
  headline: string;
  /** What must not be overlooked; `null` when there is nothing of the kind. */
  alert: string | null;
  paragraphs: readonly string[];
  sections: readonly Section[];
  foot: readonly FootLine[];
}

/** All changes of one kind. */
export interface Section {
  kind: ChangeKind;
  title: string;
  /** How many changes there are, told here or not. */
  count: number;
  remark: string | null;
  lines: readonly Line[];
  /** How many are only in the CSV. */
  more: number;
}

/** One change. */
export interface Line {
  /** Its name; `null` when the API never gave one. */
  organizationName: string | null;
  organizationId: string;
  /** `Super Administrator gained` or `Super Administrator lost`. */
  alert: string | null;
  notes: readonly string[];
  details: readonly Detail[];
  /** How many roles or permissions are only in the CSV. */
  moreDetails: number;
}

/** One role or permission that went or came. */
export interface Detail {
  sign: '−' | '+';
  text: string;
}

/** One fact at the end of a report, such as its run or the chain's head. */
export interface FootLine {
  label: string;
  value: string;
}
