import { expect } from 'vitest';
import { type Random } from '../../../src/simulator/random.ts';
import { type Border } from './borders.ts';
import { deathsInOneNight, type Nights } from './nights.ts';

/** Lives through a quiet first night, and then through one for each of these lists, with a death at each border. */
export async function dieAtBorders(nights: Nights, lists: readonly (readonly Border[])[]): Promise<void> {
  await liveThroughOne(nights);
  for (const borders of lists) {
    nights.begin();
    for (const { name, death } of borders) expect(await nights.live(death), name).toBe('died');
    expect(await nights.live(), 'after these deaths').toBe('done');
  }
}

/** Lives through as many nights as it takes for so many deaths, each before whichever write chance picks. */
export async function dieAtRandom(nights: Nights, random: Random, deaths: number): Promise<void> {
  await liveThroughOne(nights);
  const writes = nights.countWrites();
  while (nights.kills < deaths) {
    nights.begin();
    const most = Math.min(nights.kills + deathsInOneNight, deaths);
    const draw = () => (nights.kills < most ? { write: 1 + random.below(writes) } : undefined);
    while ((await nights.live(draw())) === 'died');
  }
}

async function liveThroughOne(nights: Nights): Promise<void> {
  nights.begin();
  expect(await nights.live()).toBe('done');
}
