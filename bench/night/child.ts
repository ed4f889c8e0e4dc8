import '../../src/cli/small-heap.ts';
import { type Reading, type Work } from './work.ts';

/** Does one thing that `bench/night.ts` measures: one process for each, so that no two share a heap. */
async function measureWork(work: Work): Promise<Reading> {
  if (work.way === 'plain') {
    const { takePlainNight } = await import('./plain.ts');
    return takePlainNight(work);
  }
  const { openAlone, readListings, takeNight } = await import('./ours.ts');
  if (work.way === 'listing') return readListings(work.roll, work.night);
  return work.way === 'open' ? openAlone(work.place) : takeNight(work);
}

const [work = ''] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await measureWork(JSON.parse(work) as Work)));
