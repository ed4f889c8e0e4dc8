import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { type TestProject } from 'vitest/node';
import { bundle } from '../../bundle/bundle.ts';

const project = path.join(import.meta.dirname, '../..');

/**
 * Bundles the command line as it is now, as users run it: it starts in a quarter of the time that the sources take, and the
 * tests start it some hundred times. The bundle goes with the tests.
 */
export default async function bundleCommand(tests: TestProject): Promise<() => void> {
  const cache = path.join(project, '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'bundle-'));
  await bundle({ cli: path.join(project, 'src/cli.ts') }, folder);
  tests.provide('commandEntry', path.join(folder, 'cli.js'));
  return () => rmSync(folder, { recursive: true, force: true });
}
