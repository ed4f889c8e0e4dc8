import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import path from 'node:path';

const manifest = findPackageJSON(import.meta.url) ?? 'package.json';

/** Where package.json and migrations/ are, whether the sources run or the bundle. */
export const projectFolder = path.dirname(manifest);

/** The version of this rollcall. */
export function readVersion(): string {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
