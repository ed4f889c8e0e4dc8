import { type Category, type ChangeKind } from './change.ts';

/** What a principal's nights came to, and where it stands now. */
export interface PrincipalNights {
  principal: string;
  /** Nights with a complete run: the slot's own, or one by hand before the next slot. */
  complete: number;
  /** Nights with runs, none of them complete. */
  failed: number;
  /** Nights without any run since the principal was first heard of. */
  missed: number;
  changes: readonly { kind: ChangeKind; category: Category; count: number }[];
  members: number;
  invited: number;
  /** Memberships with any other status, or none. */
  other: number;
  /** When its newest complete run ended, where that is still to come, by a clock that was ahead; else `null`. */
  aheadUntil: Date | null;
  /** The head of its hash chain; `null` before its first complete run. */
  chain: string | null;
}
