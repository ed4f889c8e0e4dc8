import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { bundle } from '../../bundle/bundle.ts';

/** Below the project's, so that packages which are not bundled are found. */
const cacheFolder = path.join(import.meta.dirname, '../../.cache');

/** Bundles `child.ts` as rollcall itself is bundled, into a folder that goes with this process, and returns its path. */
export async function bundleChild(): Promise<string> {
  mkdirSync(cacheFolder, { recursive: true });
  const folder = mkdtempSync(path.join(cacheFolder, 'bench-night-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await bundle({ child: path.join(import.meta.dirname, 'child.ts') }, folder);
  return path.join(folder, 'child.js');
}
