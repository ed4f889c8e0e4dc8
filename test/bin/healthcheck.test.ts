import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startHealthServer } from '../../src/health/server.ts';

const program = path.join(import.meta.dirname, '../../bin/healthcheck.js');

/** The status with which Docker would be answered. */
function check(place: string, ...args: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], { env: { ROLLCALL_HTTP: place } });
    child.on('exit', (status) => resolve(status ?? -1));
  });
}

test('a container is healthy while its worker lives, and ready while it would get its work done', async () => {
  const server = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    probe: () => Promise.reject(new Error('down')),
    metrics: { contentType: 'text/plain', scrape: () => Promise.resolve('') },
    readiness: () => 'ready',
    stuckSince: () => null,
  });
  onTestFinished(() => server.close());
  const { port } = new URL(server.url);

  expect(
    await Promise.all([port, `127.0.0.1:${port}`, `0.0.0.0:${port}`].map((place) => check(place))),
  ).toEqual([0, 0, 0]);
  expect(await check(port, '/readyz')).toBe(1);
  await server.close();
  expect(await check(port)).toBe(1);
});

test('one whose worker serves nothing has nobody to be asked', async () => {
  expect(await check('off')).toBe(0);
});
