/** When a run waits for approval instead of being believed. */
export interface HoldThresholds {
  /** Removals that it takes at least one more than. */
  removals: number;
  /** Share of the baseline, from 0 to 1, that the removals must exceed too. */
  share: number;
}

/** How much a listing lost against its baseline, in organizations. */
export interface Loss {
  baseline: number;
  listed: number;
  gone: number;
  /** Whether the baseline was read from another source. */
  isOtherSource: boolean;
}

/** Of ten organizations of a baseline that was read from another source, so many have to be found again: else its ids are others. */
const matchingOfTen = 9;

/** Whether a listing of another source has so few of its baseline's organizations that their ids may be others. */
export function mayHaveOtherIds({ baseline, gone, isOtherSource }: Omit<Loss, 'listed'>): boolean {
  return isOtherSource && 10 * (baseline - gone) < matchingOfTen * baseline;
}

/**
 * Why a listing is too much loss to be believed unasked, or `null`: more removals than both thresholds allow, a baseline of
 * two or more that fell to none, or one of another source of which fewer than nine tenths are found again.
 */
export function planHold(loss: Loss, { removals, share }: HoldThresholds): string | null {
  const { baseline, listed, gone } = loss;
  if (mayHaveOtherIds(loss)) {
    return `it was read from another source than its baseline, and only ${baseline - gone} of the baseline's ${baseline} organizations are in it, fewer than nine in ten: their ids may not match`;
  }
  if (baseline >= 2 && listed === 0) return `all ${baseline} organizations are gone`;
  if (gone > removals && gone > share * baseline) {
    const percent = Math.round((100 * gone) / baseline);
    return `${gone} of ${baseline} organizations are gone (${percent} %), more than ${removals} and more than ${share * 100} %`;
  }
  return null;
}
