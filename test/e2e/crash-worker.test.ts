import { expect, it } from 'vitest';
import { databaseKind } from '../support/database.ts';
import { expectAllAccountedFor } from './crashing/account.ts';
import { bordersOfNights } from './crashing/borders.ts';
import { createNights } from './crashing/nights.ts';

it('borders', { timeout: 320_000 }, async ({ signal }) => {
  const nights = await createNights({ program: 'worker', principals: 1, signal });
  nights.begin();
  expect(await nights.live()).toBe('done');
  console.log(databaseKind(), nights.countWrites());
  for (const borders of bordersOfNights('worker')) {
    nights.begin();
    for (const { name, death } of borders) {
      const t = performance.now();
      expect(await nights.live(death), name).toBe('died');
      console.log(databaseKind(), name, performance.now() - t);
    }
    const t = performance.now();
    expect(await nights.live()).toBe('done');
      console.log(databaseKind(), 'done', performance.now() - t);
  }
  console.log(nights.kills, await expectAllAccountedFor(nights, 'worker'));
});
