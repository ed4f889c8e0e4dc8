import { type Night } from '../domain/nights.ts';

/** What a digest tells of each principal, and what wants attention. */
export interface Overview {
  /** The worst off first. */
  rows: readonly OverviewRow[];
  /** How many principals are not in `rows`, none of them worse off. */
  more: number;
  /** The gravest first. */
  attention: readonly Attention[];
  /** How many matters are not in `attention`. */
  moreAttention: number;
  /** IANA name of the zone in which nights are dated. */
  timezone: string;
}

/** One principal; what its reader is not to hear of is `—`. */
export interface OverviewRow {
  principal: string;
  nights: readonly Night[];
  members: string;
  invited: string;
  superAdministrators: string;
  /** In days, `–` where there is none. */
  oldestInvitation: string;
  /** The day of the newest complete run, or `never`. */
  lastComplete: string;
  /** Whether its newest night is not complete. */
  isLate: boolean;
}

/** Something to look after, and what to type. */
export interface Attention {
  text: string;
  /** Each between backticks, as commands stand in our texts. */
  commands: readonly string[];
}
