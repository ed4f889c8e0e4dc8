import { afterEach, expect, it, vi } from 'vitest';
import { readCommandLine } from '../../src/cli/program.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { onPaper } from '../support/paper.ts';

afterEach(() => void vi.unstubAllEnvs());

it.each([
  ['list', '--principal', ''],
  ['list', '--principal', 'nobody'],
  ['get', '0'.repeat(32), '--principal', ''],
])('organizations %s refuses a principal that is none: %s %s', async (...args) => {
  const simulator = await startedSimulator({ organizations: 1 });
  vi.stubEnv('DATABASE_URL', 'postgres://nobody@127.0.0.1:1/nothing');
  vi.stubEnv('CLOUDFLARE_BASE_URL', simulator.url);
  vi.stubEnv('CLOUDFLARE_API_TOKEN', simulator.world.principal().apiToken);
  const paper = onPaper();
  expect(await readCommandLine(['organizations', ...args], paper.terminal)).toBe(2);
  expect(paper.warned()).toContain('No principal is called');
  expect(simulator.requests).toEqual([]);
});
