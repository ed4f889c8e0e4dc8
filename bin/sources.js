import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** What the bundle is made of: the sources, how it is made, and the packages that are installed. */
const folders = ['src', 'jobs', 'bundle'];
const files = ['package.json', 'package-lock.json', 'node_modules/.package-lock.json'];

/**
 * Tells apart any two states of what a bundle is made of, by name, size and time of change: reading all of it would
 * take longer than the bundle saves.
 *
 * @param {string} project
 * @returns {string}
 */
export function stampOf(project) {
  const stamp = createHash('sha256');
  for (const file of [...folders.flatMap((folder) => filesBelow(project, folder)), ...files]) {
    const { size = 0, mtimeMs = 0 } = statSync(path.join(project, file), { throwIfNoEntry: false }) ?? {};
    stamp.update(`${file}\n${size}\n${mtimeMs}\n`);
  }
  return stamp.digest('hex');
}

/**
 * Whether the bundle is there and of these sources. In an image, which has none, it is.
 *
 * @param {string} project
 * @returns {boolean}
 */
export function hasFreshBundle(project) {
  const stamp = path.join(project, 'dist/stamp');
  if (!existsSync(stamp)) return false;
  return !existsSync(path.join(project, 'src')) || readFileSync(stamp, 'utf8') === stampOf(project);
}

/**
 * @param {string} project
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(project, folder) {
  return readdirSync(path.join(project, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(project, path.join(entry.parentPath, entry.name)))
    .sort();
}
