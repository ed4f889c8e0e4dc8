/**
 * Makes `dist/`, which `bin/rollcall.js` runs: `npm run build`, and by itself at the end of `npm ci`. With
 * `--if-installed` it does nothing where esbuild is missing, as after `npm ci --omit=dev`: then the sources run.
 */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stampOf } from '../bin/sources.js';

const project = path.join(import.meta.dirname, '..');
const folder = path.join(project, 'dist');

async function build(): Promise<void> {
  // Read first: what changes from here on makes the bundle an old one.
  const stamp = stampOf(project);
  const { bundle } = await import('./bundle.ts');
  rmSync(folder, { recursive: true, force: true });
  await bundle({ cli: path.join(project, 'src/cli.ts') }, folder);
  writeFileSync(path.join(folder, 'stamp'), stamp);
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

if (process.argv.includes('--if-installed') && !isInstalled('esbuild')) {
  console.log('esbuild is not installed: rollcall will run its sources.');
} else {
  await build();
}
