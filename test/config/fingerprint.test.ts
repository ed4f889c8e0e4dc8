import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { type AudienceConfig } from '../../src/config/audiences.ts';
import { fingerprintOf } from '../../src/config/fingerprint.ts';

const config = loadConfig({}, '/nowhere');
const route: AudienceConfig = { to: ['a@example.com'], webhook: { name: 'webhook:0123' } };

test.each<Partial<AudienceConfig>>([
  { to: ['b@example.com'] },
  { webhook: { name: 'webhook:4567' } },
  { principals: ['ops-bot'] },
  { categories: ['invitation'] },
  { kinds: ['left'] },
  { roles: ['Billing'] },
  { about: ['quiet'] },
  { csv: false },
])('processes with other routes differ: %j', (given) => {
  const one = fingerprintOf({ ...config, audiences: [route] });
  expect(fingerprintOf({ ...config, audiences: [{ ...route, ...given }] })).not.toBe(one);
});

test('a webhook counts by what stands for its URL, and neither URL nor secret can be guessed from it', () => {
  const webhook = { name: 'webhook:0123', url: 'https://example.com/hook', secret: 'whsec_x' };
  expect(fingerprintOf({ ...config, audiences: [{ ...route, webhook }] })).toBe(
    fingerprintOf({ ...config, audiences: [route] }),
  );
});
