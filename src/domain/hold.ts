import { type Membership } from './membership.ts';

/** When a run waits for approval instead of being believed. */
export interface HoldThresholds {
  /** Removals that it takes at least one more than. */
  removals: number;
  /** Share of the baseline, from 0 to 1, that the removals must exceed too. */
  share: number;
}

/**
 * Why a listing is too much loss to be believed unasked, or `null`: more removals than both thresholds allow, or a
 * baseline of two or more that fell to none.
 */
export function planHold(
  baseline: readonly Membership[],
  listed: readonly Membership[],
  { removals, share }: HoldThresholds,
): string | null {
  const present = new Set(listed.map(({ organizationId }) => organizationId));
  const lost = baseline.filter(({ organizationId }) => !present.has(organizationId)).length;
  if (baseline.length >= 2 && listed.length === 0) return `all ${baseline.length} organizations are gone`;
  if (lost > removals && lost > share * baseline.length) {
    const percent = Math.round((100 * lost) / baseline.length);
    return `${lost} of ${baseline.length} organizations are gone (${percent} %), more than ${removals} and more than ${share * 100} %`;
  }
  return null;
}
