import { type ChangeKind } from '../domain/change.ts';
import { type NightsTold } from './last-nights.ts';
import { type Overview } from './overview.ts';

/**
 * What a report says, before it is written as text and as HTML: one value for both, so that they cannot differ.
 * Text from outside has been through `inert` already; the writers only lay out, and the HTML one escapes.
 */
export interface Content {
  /** The subject after `[rollcall] `. */
  subject: string;
  /** What an inbox shows behind the subject. */
  preheader: string;
  /** The first line of the mail. */
  headline: string;
  /** What must not be overlooked; `null` when there is nothing of the kind. */
  alert: string | null;
  /** What to do next. */
  steps: readonly Step[];
  paragraphs: readonly string[];
  sections: readonly Section[];
  /** Small print: what a reader seldom needs. */
  notes: readonly string[];
  /** Of a digest alone. */
  overview?: Overview;
  /** The last nights of the principal that it is about; left out where its reader hears of none. */
  nights?: NightsTold;
  foot: readonly FootLine[];
}

/** Something to do next: a command to be typed, or a page at Cloudflare's dashboard to be opened. */
export interface Step {
  text: string;
  /** What is typed behind `rollcall`; `null` where there is a page. */
  command: string | null;
  /** Of a page; `null` where there is a command. */
  href: string | null;
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

/** One change, or several that are equal but for the organization. */
export interface Line {
  /** What all of them are, as in `Joined as Administrator, Billing`; `null` for one that is told by itself. */
  fold: string | null;
  /** How many changes it tells. */
  count: number;
  organizations: readonly Organization[];
  /** `Super Administrator gained`, and what else is not to be overlooked. */
  alert: string | null;
  notes: readonly string[];
  /** Small print: ids of what the notes name; `null` where there is none. */
  ids: string | null;
  details: readonly Detail[];
  /** How many roles, permissions or policies are only in the CSV. */
  moreDetails: number;
}

/** An organization as a report names it. */
export interface Organization {
  /** `null` when the API never gave one. */
  name: string | null;
  id: string;
  /** Its members at Cloudflare's dashboard, where that is worth a look; else `null`. */
  href: string | null;
}

/** One role, permission or policy that went or came. */
export interface Detail {
  sign: '−' | '+';
  text: string;
}

/** One fact at the end of a report, such as its run or the chain's head. */
export interface FootLine {
  label: string;
  value: string;
}
