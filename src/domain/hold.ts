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
}

/**
 * Why a listing is too much loss to be believed unasked, or `null`: more removals than both thresholds allow, or a
 * baseline of two or more that fell to none.
 */
export function planHold(
  { baseline, listed, gone }: Loss,
  { removals, share }: HoldThresholds,
): string | null {
  if (baseline >= 2 && listed === 0) return `all ${baseline} organizations are gone`;
  if (gone > removals && gone > share * baseline) {
    const percent = Math.round((100 * gone) / baseline);
    return `${gone} of ${baseline} organizations are gone (${percent} %), more than ${removals} and more than ${share * 100} %`;
  }
  return null;
}
