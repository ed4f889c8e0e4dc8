import { expect, it } from 'vitest';
import { createRandom } from '../../../src/simulator/random.ts';
import { databaseKind } from '../../support/database.ts';
import { expectAllAccountedFor } from './account.ts';
import { bordersOfNights, type Program } from './borders.ts';
import { dieAtBorders, dieAtRandom } from './deaths.ts';
import { createNights } from './nights.ts';

/*
 * Every night's snapshot is whole, every change stored once, every report told once to each recipient, no mail missing,
 * and a mail that comes again is the same message: whenever the process is killed. For a longer search by hand, in other
 * places: CRASH_KILLS=300 CRASH_SEED=2 npx vitest run --project pglite test/e2e/crash-run.test.ts
 */

const seed = process.env['CRASH_SEED'] ?? '1';
/** On the embedded database a start takes seconds. */
const deaths = Number(process.env['CRASH_KILLS'] ?? (databaseKind() === 'pglite' ? 3 : 6));

/** Tests what becomes of the nights when this program is killed in them. */
export function testCrashesOf(program: Program): void {
  it(
    `rollcall ${program}, killed at the border of every step, loses nothing and reports nothing twice`,
    { timeout: 300_000 },
    async ({ signal }) => {
      const nights = await createNights({ program, principals: 1, signal });
      await dieAtBorders(nights, bordersOfNights(program));
      const { mails, repeated } = await expectAllAccountedFor(nights, program);
      // Two borders lie between the mail server's knowing that it has a mail and the ledger's.
      expect(repeated).toBeGreaterThanOrEqual(2);
      state(`${program}, at every border`, { kills: nights.kills, mails, repeated });
    },
  );

  it(
    `rollcall ${program}, killed at ${deaths} random moments, loses nothing and reports nothing twice`,
    { timeout: 60_000 + deaths * 8_000 },
    async ({ signal }) => {
      const nights = await createNights({ program, principals: 2, signal });
      await dieAtRandom(nights, createRandom(`crash/${program}/${seed}`), deaths);
      const figures = await expectAllAccountedFor(nights, program);
      state(`${program}, at random by seed ${seed}`, { kills: nights.kills, ...figures });
    },
  );
}

function state(
  what: string,
  { kills, mails, repeated }: { kills: number; mails: number; repeated: number },
): void {
  console.log(`crash of ${what}, ${databaseKind()}: ${kills} kills, ${repeated} of ${mails} mails repeated`);
}
