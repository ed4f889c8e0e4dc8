import { expect, it } from 'vitest';
import { call, startedSimulator } from './calls.ts';

it('says the rate limit on every answer, also where none is set', async () => {
  const simulator = await startedSimulator();
  const { headers } = await call(simulator, '/user');
  expect(headers.get('ratelimit')).toBe('"default";r=1200;t=300');
  expect(headers.get('ratelimit-policy')).toBe('"default";q=1200;w=300');
});

it('refuses a user for a whole window once there were too many requests', async () => {
  let nowMs = 0;
  const simulator = await startedSimulator(
    {},
    { rateLimit: { requests: 2, windowSeconds: 60 }, now: () => nowMs },
  );
  const statusAt = async (ms: number) => {
    nowMs = ms;
    const { status, headers } = await call(simulator, '/user');
    return [status, headers.get('ratelimit'), headers.get('retry-after')];
  };
  expect(await statusAt(0)).toEqual([200, '"default";r=1;t=60', null]);
  expect(await statusAt(10_000)).toEqual([200, '"default";r=0;t=50', null]);
  expect(await statusAt(20_000)).toEqual([429, '"default";r=0;t=60', '60']);
  expect(await statusAt(79_500)).toEqual([429, '"default";r=0;t=1', '1']);
  expect(await statusAt(80_000)).toEqual([200, '"default";r=1;t=60', null]);
});

it('counts each user apart', async () => {
  const simulator = await startedSimulator(
    { principals: 2 },
    { rateLimit: { requests: 1, windowSeconds: 60 }, now: () => 0 },
  );
  const statuses: number[] = [];
  for (const { apiToken } of [...simulator.world.principals, ...simulator.world.principals]) {
    const headers = { authorization: `Bearer ${apiToken}` };
    statuses.push((await call(simulator, '/user', { headers })).status);
  }
  expect(statuses).toEqual([200, 200, 429, 429]);
});
