import { execFile } from 'node:child_process';
import { promisify, isDeepStrictEqual } from 'node:util';
import { bundleChild } from './bundle-child.ts';
import { type Places } from './places.ts';
import { countsOf, type Night, type Roll } from './roll.ts';
import { type NightWork, type Place, type Reading, type Work } from './work.ts';

export const nights: readonly Night[] = ['first', 'quiet', 'changed'];

/** What was measured of one night, one reading for each repeat. */
export interface NightReadings {
  night: Night;
  ours: Reading[];
  /** Empty where only memory is looked at. */
  plain: Reading[];
  listing: Reading[];
}

export interface RollReadings {
  nights: NightReadings[];
  /** What ended it early, in words; `null` when nothing did. */
  failure: string | null;
}

/** A quarter of an hour: what takes longer does not work. */
const timeoutMs = 15 * 60_000;

/** What is measured runs as users run it. */
const bundled = bundleChild();

/** Measures in a process of its own, and checks what it counted. */
export async function startChild(work: Work): Promise<Reading> {
  const { stdout } = await promisify(execFile)(process.execPath, [await bundled, JSON.stringify(work)], {
    timeout: timeoutMs,
  });
  const reading = JSON.parse(stdout) as Reading;
  if (reading.counts === null || !('roll' in work)) return reading;
  const expected = countsOf(work.roll, work.night);
  if (isDeepStrictEqual(reading.counts, expected)) return reading;
  throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(reading.counts)}`);
}

/** Nights of a roll, `repeats` times from the first on, in both ways in turn or in ours alone; ends at what fails. */
export async function takeNights(
  places: Places,
  roll: Roll,
  { repeats, besidePlain }: { repeats: number; besidePlain: boolean },
): Promise<RollReadings> {
  const readings = nights.map((night): NightReadings => ({ night, ours: [], plain: [], listing: [] }));
  try {
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      await withPlaces(places, async (ours, plain) => {
        for (const taken of readings) {
          const { night } = taken;
          if (besidePlain) {
            taken.plain.push(await settleAndStart(places, { way: 'plain', place: plain, roll, night }));
            taken.listing.push(await startChild({ way: 'listing', roll, night }));
          }
          taken.ours.push(await settleAndStart(places, { way: 'ours', place: ours, roll, night }));
        }
      });
    }
    return { nights: readings, failure: null };
  } catch (error) {
    return { nights: readings, failure: describeFailure(error) };
  }
}

/** Quiet runs of one membership: what a run costs whatever the roll. */
export async function takeSmallRuns(places: Places, repeats: number): Promise<Reading[]> {
  const roll: Roll = { memberships: 1, permissions: [2, 6] };
  const readings: Reading[] = [];
  await withPlaces(places, async (place) => {
    await startChild({ way: 'ours', place, roll, night: 'first' });
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      readings.push(await settleAndStart(places, { way: 'ours', place, roll, night: 'quiet' }));
    }
  });
  return readings;
}

async function settleAndStart(places: Places, work: Work & NightWork): Promise<Reading> {
  // Before the first night nothing is there that PostgreSQL would look after.
  if (work.night !== 'first') await places.settle(work.place);
  return startChild(work);
}

async function withPlaces(places: Places, work: (one: Place, other: Place) => Promise<void>): Promise<void> {
  const made = [await places.make(), await places.make()] as const;
  try {
    await work(...made);
  } finally {
    for (const place of made) await places.drop(place);
  }
}

/** The line of what Node.js prints of an error that nobody caught which says what it was. */
function describeFailure(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const said = text.split('\n').find((line) => /^\w*Error\b|heap out of memory/.test(line));
  const killed = error instanceof Error && 'killed' in error && error.killed === true;
  if (killed) return `not done within ${timeoutMs / 60_000} minutes`;
  return said ?? text.split('\n')[0] ?? text;
}
