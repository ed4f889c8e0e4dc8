/** How the page shows what a column holds, and so what the numbers in it are. */
export type ColumnKind =
  /** A text from outside, by its number. */
  | 'text'
  /** A word of ours, by its number as a text. */
  | 'word'
  /** An organization, by its number. */
  | 'organization'
  /** A set of texts, by its number: a line for each. */
  | 'lines'
  /** An instant, in milliseconds since 1970. */
  | 'time'
  | 'number'
  /** A timeline, by its number: drawn, and told. */
  | 'timeline'
  /** A timeline, by its number: drawn, where other columns tell it. */
  | 'bar';

/** One column of a table of the page. */
export interface Column {
  key: string;
  heading: string;
  kind: ColumnKind;
  /** Whether a reader may choose one of its words. */
  isChoice: boolean;
  /** What the page says where there is nothing, as in a time that is to come; then that comes after every time. */
  none: string;
  /** One for each row; -1 where there is nothing. */
  values: readonly number[];
}

/** One table of the page, its rows in the order in which they are shown first. */
export interface Table {
  /** What links to it name it by. */
  id: string;
  /** The key of the column that the rows are in the order of, after a minus where the greatest is first. */
  order: string;
  columns: readonly Column[];
  rows: number;
}

/** How a membership stood: what the page draws it with. */
export const standings = ['member', 'super', 'invited', 'other'] as const;

/** `super` is a member that may do everything; `other` is a status that this version does not know, or none. */
export type Standing = (typeof standings)[number];

/** A stretch of a timeline: from, to (-1 while it lasts), its standing's place in {@link standings}, its status as a text, its roles as a set, as `accessLines` has them. */
export type Stretch = readonly [from: number, to: number, standing: number, status: number, roles: number];

/** What happened to one membership over time. */
export interface Timeline {
  /** Whose gaps are its gaps: the place in the principals. */
  principal: number;
  stretches: readonly Stretch[];
}

/** A principal as timelines need it. */
export interface Observed {
  /** Its name as a text. */
  name: number;
  /** The end of its first complete run; -1 when there has been none. */
  since: number;
  /** Stretches that were not observed: from, and to (-1 where it lasts). */
  gaps: readonly (readonly [from: number, to: number])[];
  /** Where the source changed: when, and to which, as a text. */
  seams: readonly (readonly [at: number, source: number])[];
}

/** All that the page's script reads. What comes more than once is there once, and has a number. */
export interface PageData {
  /** What stretches of time are drawn on. */
  axis: { from: number; to: number };
  texts: readonly string[];
  /** The numbers of the texts that name Super Administrator. */
  grave: readonly number[];
  /** Sets of texts, by their numbers. */
  sets: readonly (readonly number[])[];
  /** Organizations: the numbers of id and name (-1 where it has none). One that was renamed is there once for each name. */
  organizations: readonly (readonly [id: number, name: number])[];
  principals: readonly Observed[];
  timelines: readonly Timeline[];
  /** How many memberships held Super Administrator from that instant on. */
  superAdministrators: readonly (readonly [from: number, count: number])[];
  tables: readonly Table[];
}
