import { expect, test } from 'vitest';
import { findProxy } from '../../src/domain/proxies.ts';
import { Secret } from '../../src/domain/secret.ts';

const proxies = { http: new Secret('http://plain'), https: new Secret('http://secure') };

function proxyFor(url: string, ...except: string[]): string | undefined {
  return findProxy(new URL(url), { ...proxies, except })?.reveal();
}

test('each scheme has its own proxy', () => {
  expect(proxyFor('https://api.cloudflare.com/x')).toBe('http://secure');
  expect(proxyFor('http://hc.example.com/x')).toBe('http://plain');
});

test.each(['http://localhost:80/', 'https://127.0.0.1/', 'http://[::1]:8787/'])(
  '%s is asked directly',
  (url) => {
    expect(proxyFor(url)).toBeUndefined();
  },
);

test.each([
  ['https://api.cloudflare.com/', '*'],
  ['https://api.cloudflare.com/', 'api.cloudflare.com'],
  ['https://api.cloudflare.com/', 'API.Cloudflare.COM'],
  ['https://api.cloudflare.com/', 'cloudflare.com'],
  ['https://api.cloudflare.com/', '.cloudflare.com'],
  ['https://api.cloudflare.com/', '*.cloudflare.com'],
  ['https://api.cloudflare.com/', 'api.cloudflare.com:443'],
  ['https://10.0.0.1:8443/', '10.0.0.1:8443'],
  ['http://[fd00::1]/', '[fd00::1]'],
  ['http://[fd00::1]/', 'fd00::1'],
])('%s is asked directly where NO_PROXY says %s', (url, entry) => {
  expect(proxyFor(url, 'other.example.com', entry)).toBeUndefined();
});

test.each([
  ['https://api.cloudflare.com/', 'notcloudflare.com'],
  ['https://evilcloudflare.com/', 'cloudflare.com'],
  ['https://api.cloudflare.com/', 'api.cloudflare.com:80'],
  ['https://api.cloudflare.com/', 'com.'],
])('%s goes by the proxy where NO_PROXY says %s', (url, entry) => {
  expect(proxyFor(url, entry)).toBe('http://secure');
});
