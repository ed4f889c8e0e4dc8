import { type Night, type NightState, nightStates } from '../domain/nights.ts';

/** The last nights of a principal, oldest first, and the zone in which they are dated. */
export interface NightsTold {
  nights: readonly Night[];
  /** IANA name. */
  timezone: string;
}

/** What a night that came to this is called. */
export const nightWording: Readonly<Record<NightState, string>> = {
  quiet: 'complete, nothing changed',
  changes: 'complete, with changes',
  held: 'held for approval',
  failed: 'failed',
  missed: 'missed, no run',
};

/** How many nights came to each state that occurs, the good ones first. */
export function countNights(nights: readonly Night[]): { state: NightState; count: number }[] {
  return nightStates
    .map((state) => ({ state, count: nights.filter((night) => night.state === state).length }))
    .filter(({ count }) => count > 0);
}

/** The nights from the first of which anything is known. */
export function knownOf(nights: readonly Night[]): readonly Night[] {
  const first = nights.findIndex(({ state }) => state !== null);
  return first === -1 ? [] : nights.slice(first);
}

/** `Last thirty nights`, or as many as there are. */
export function titleOf(nights: readonly Night[]): string {
  if (nights.length === 1) return 'Last night';
  return `Last ${nights.length === 30 ? 'thirty' : nights.length} nights`;
}

/** How high a bar can be. */
export const highest = 8;

/** A roll that never changed is neither high nor low. */
const middle = 4;

/** How high the bar of each night is, from 1 for the smallest roll to {@link highest}; `null` where nobody saw it. */
export function planBars(nights: readonly Night[]): (number | null)[] {
  const { smallest, largest } = findRange(nights) ?? { smallest: 0, largest: 0 };
  const span = largest - smallest;
  return nights.map(({ roll }) => {
    if (roll === null) return null;
    return span === 0 ? middle : 1 + Math.round(((highest - 1) * (roll - smallest)) / span);
  });
}

/** The smallest and the largest roll that was seen; `null` where none was. */
function findRange(nights: readonly Night[]): { smallest: number; largest: number } | null {
  const rolls = nights.flatMap(({ roll }) => roll ?? []);
  return rolls.length === 0 ? null : { smallest: Math.min(...rolls), largest: Math.max(...rolls) };
}

/** What the bars are of, in words; empty where nobody saw a roll. Nights in which nobody did are counted. */
export function describeRoll(nights: readonly Night[]): string {
  const range = findRange(nights);
  if (range === null) return '';
  const { smallest, largest } = range;
  const size = smallest === largest ? `${smallest} throughout` : `${smallest} to ${largest}`;
  const unseen = nights.filter(({ state, roll }) => state !== null && roll === null).length;
  if (unseen === 0) return `Organizations on the roll: ${size}.`;
  return `Organizations on the roll: ${size}, not seen in ${unseen === 1 ? 'one night' : `${unseen} nights`}.`;
}
