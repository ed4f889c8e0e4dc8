import { type Category, type Change } from './change.ts';

/** What a principal's nights came to, and where it stands now. */
export interface PrincipalNights {
  principal: string;
  /** Nights with a complete run: the slot's own, or one by hand before the next slot. */
  complete: number;
  /** Nights with runs, none of them complete. */
  failed: number;
  /** Nights without any run since the principal was first heard of. */
  missed: number;
  /** Counted by kind and by the roles that they are about. */
  changes: readonly CountedChanges[];
  members: number;
  invited: number;
  /** Memberships with any other status, or none. */
  other: number;
  /** When its newest complete run ended, where that is still to come, by a clock that was ahead; else `null`. */
  aheadUntil: Date | null;
  /** The head of its hash chain; `null` before its first complete run. */
  chain: string | null;
}

/** Changes of one kind that are about the same roles; of what else changed, such as permissions, there is nothing in it. */
export interface CountedChanges extends Pick<Change, 'kind' | 'added' | 'removed' | 'offered'> {
  category: Category;
  count: number;
}
