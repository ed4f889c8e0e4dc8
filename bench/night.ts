/**
 * What a night costs beside its listing, against the plain way of keeping a history, at 100,000 memberships. Reproduce
 * with `npm run bench:night`, which takes some minutes; it ends with status 1 when a target is missed, or a night
 * fails. `--only 2-6|36|100` measures one roll, by the permissions of each membership, and `--database
 * postgres|embedded` one database; `--repeats` and `--memberships` make it quicker, for a first look.
 *
 * | database | permissions | night | plain way | its listings | our night | beside them | share | peak memory (plain, listings, ours) |
 * | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
 * | postgres | 2 to 6 | first | 4.55 s | 1.27 s | 4.21 s | 2.91 s | 0.64 (≤ 0.7) | 367, 178, 221 MB |
 * | postgres | 2 to 6 | quiet | 5.33 s | 0.686 s | 0.915 s | 0.190 s | 0.04 (≤ 0.08) | 384, 152, 150 MB (≤ 300) |
 * | postgres | 2 to 6 | changed | 5.58 s | 1.27 s | 2.72 s | 1.41 s | 0.25 (≤ 0.35) | 391, 184, 237 MB (≤ 300) |
 * | postgres | 36 | first |  |  | 6.97 s |  |  | 283 MB |
 * | postgres | 36 | quiet |  |  | 1.71 s |  |  | 189 MB (≤ 400) |
 * | postgres | 36 | changed |  |  | 5.77 s |  |  | 292 MB (≤ 400) |
 * | postgres | 100 | first |  |  | 15.71 s |  |  | 372 MB |
 * | postgres | 100 | quiet |  |  | 4.67 s |  |  | 302 MB |
 * | postgres | 100 | changed |  |  | 15.02 s |  |  | 362 MB |
 * | embedded | 2 to 6 | first | 5.41 s | 1.40 s | 5.10 s | 3.57 s | 0.66 (≤ 0.7) | 856, 185, 830 MB |
 * | embedded | 2 to 6 | quiet | 6.96 s | 0.676 s | 0.923 s | 0.115 s | 0.02 (≤ 0.08) | 860, 149, 831 MB |
 * | embedded | 2 to 6 | changed | 7.36 s | 1.32 s | 3.72 s | 2.28 s | 0.31 (≤ 0.35) | 859, 182, 861 MB |
 *
 * A process that only opens PostgreSQL takes 79 MB, one that opens the embedded database 577 MB; a quiet run of one
 * membership 0.05 s and 0.17 s. The figures of the embedded database are of one reading.
 *
 * The plain way: a full copy of the roll per night, inserted in batches of 1,000 by Drizzle in one transaction, last
 * night's copy read back with Drizzle and compared in JavaScript. It is given the roll and reads no listing. Our night is
 * all of `runPrincipal`: the claim, what is asked of Cloudflare and of the database, what is stored, and the reports.
 * "Its listings" are those that the night reads, one when nothing changed and else two, read and proven in a process of
 * their own and then dropped. "Beside them" is our night less its listings and less a quiet run of one membership; the
 * share is that of the plain way's time. What compares a listing with the baseline is beside it.
 *
 * Medians of three readings, taken in turn on two cores; one at 100 permissions each. The first night stores the roll, the
 * second finds the same, in the third 1 % has changed: 250 left, 250 joined, 250 were renamed, 250 have other
 * roles. After each night the counts of memberships, permissions and changes by kind are checked. Each reading has a
 * process of its own, run from a bundle as users run rollcall, whose start, and whose opening of the database, come before the clock starts. The memory is the
 * peak of that whole process, also the roll that the plain way is given, and on the embedded database all of PostgreSQL.
 *
 * The limits: Cloudflare's answers come from memory, made and parsed as JSON page by page, whose work is in our night and in
 * its listings alike; a network's buffers are in neither. PostgreSQL shares the machine, and does not sync to the disk.
 * Between two nights it is vacuumed and analyzed, as it would be by itself; the embedded database never is.
 */
import { parseArgs } from 'node:util';
import { caseOf, databases, rolls } from './night/cases.ts';
import { openEmbeddedPlaces, openPostgresPlaces } from './night/places.ts';
import { heading, lineOf, resultsOf } from './night/table.ts';
import { startChild, takeNights, takeSmallRuns } from './night/take.ts';
import { type Place } from './night/work.ts';

const { values: chosen } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [...rolls] },
    database: { type: 'string', multiple: true, default: [...databases] },
    repeats: { type: 'string', default: '3' },
    memberships: { type: 'string', default: '100000' },
  },
});

/** What of `all` was asked for; throws when that is something else. */
function choose<T extends string>(all: readonly T[], asked: readonly string[]): T[] {
  const unknown = asked.find((name) => !(all as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`expected one of ${all.join(', ')}, got ${unknown}`);
  return all.filter((name) => asked.includes(name));
}

async function measureOn(database: Place['kind']): Promise<string> {
  const open = (place: Place) => startChild({ way: 'open', place });
  const size = { memberships: Number(chosen.memberships), repeats: Number(chosen.repeats) };
  await using places = database === 'postgres' ? await openPostgresPlaces() : await openEmbeddedPlaces(open);
  const empty = await places.make();
  const alone = { open: await open(empty), small: await takeSmallRuns(places, size.repeats) };
  await places.drop(empty);
  for (const only of choose(rolls, chosen.only)) {
    const one = caseOf(database, only, size);
    for (const { row, misses } of resultsOf(one, await takeNights(places, one.roll, one), alone.small)) {
      console.log(row);
      for (const miss of misses) console.error(miss);
      if (misses.length > 0) process.exitCode = 1;
    }
  }
  return lineOf(database, alone);
}

const kinds = choose(databases, chosen.database);
console.log(heading);
const lines: string[] = [];
for (const kind of kinds) lines.push(await measureOn(kind));
console.log(`\n${lines.join('\n')}`);
