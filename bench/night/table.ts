import { type Case } from './cases.ts';
import { type NightReadings, type RollReadings } from './take.ts';
import { type Reading } from './work.ts';

/** One night's medians, and what of them misses its target. */
export interface Result {
  row: string;
  misses: string[];
}

export const heading = rule([
  'database',
  'permissions',
  'night',
  'plain way',
  'its listings',
  'our night',
  'beside them',
  'share',
  'peak memory (plain, listings, ours)',
]);

function rule(columns: readonly string[]): string {
  return `| ${columns.join(' | ')} |\n|${' --- |'.repeat(3)}${' ---: |'.repeat(columns.length - 3)}`;
}

/** The rows of one roll, and what misses its target in each. */
export function resultsOf(one: Case, { nights, failure }: RollReadings, small: readonly Reading[]): Result[] {
  const done = nights.filter(({ ours }) => ours.length > 0).map((night) => resultOf(one, night, small));
  if (failure === null) return done;
  const failed = nights.find(({ ours }) => ours.length === 0)?.night ?? 'a repeated';
  const what = `${one.database}, ${permissionsOf(one)} permissions, ${failed} night: ${failure}`;
  return [...done, { row: `| ${what} |`, misses: [what] }];
}

function resultOf(one: Case, taken: NightReadings, small: readonly Reading[]): Result {
  const { night, ours, plain, listing } = taken;
  const besideMs = medianMs(ours) - medianMs(listing) - medianMs(small);
  const share = { got: besideMs / medianMs(plain), most: one.targets.shares?.[night] ?? null };
  const peak = { got: medianPeak(ours), most: night === 'first' ? null : one.targets.megabytes };
  const beside = [medianPeak(plain), medianPeak(listing)].filter((value) => !Number.isNaN(value));
  const cells = [
    one.database,
    permissionsOf(one),
    night,
    seconds(medianMs(plain)),
    seconds(medianMs(listing)),
    seconds(medianMs(ours)),
    seconds(besideMs),
    Number.isNaN(share.got) ? '' : `${share.got.toFixed(2)}${atMost(share.most)}`,
    `${[...beside, peak.got].map(rounded).join(', ')} MB${atMost(peak.most)}`,
  ];
  const misses = [
    ...missOf(share, (value) => `${value.toFixed(2)} of the plain way`),
    ...missOf(peak, (value) => `${rounded(value)} MB`),
  ].map((miss) => `${one.database}, ${permissionsOf(one)} permissions, ${night} night: ${miss}`);
  return { row: `| ${cells.join(' | ')} |`, misses };
}

interface Measured {
  got: number;
  /** `null` where there is no target. */
  most: number | null;
}

/** Nothing when the target is met; what is not a number misses it. */
function missOf({ got, most }: Measured, told: (value: number) => string): string[] {
  return most === null || got <= most ? [] : [`expected at most ${told(most)}, got ${told(got)}`];
}

function atMost(most: number | null): string {
  return most === null ? '' : ` (≤ ${most})`;
}

/** A line about what is the same for every roll. */
export function lineOf(
  database: string,
  { open, small }: { open: Reading; small: readonly Reading[] },
): string {
  return (
    `${database}: a quiet run of one membership takes ${seconds(medianMs(small))} and ${rounded(medianPeak(small))} MB; ` +
    `a process that only opens the database ${rounded(open.peakMegabytes)} MB.`
  );
}

function permissionsOf({ roll: { permissions } }: Case): string {
  const [least, most] = permissions;
  return least === most ? String(least) : `${least} to ${most}`;
}

function medianMs(readings: readonly Reading[]): number {
  return median(readings.map(({ ms }) => ms));
}

function medianPeak(readings: readonly Reading[]): number {
  return median(readings.map(({ peakMegabytes }) => peakMegabytes));
}

/** Not a number for no values. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function seconds(ms: number): string {
  return Number.isNaN(ms) ? '' : `${(ms / 1000).toFixed(ms < 1000 ? 3 : 2)} s`;
}

function rounded(value: number): string {
  return value.toFixed(0);
}
