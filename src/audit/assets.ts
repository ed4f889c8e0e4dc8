import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Beside this file in the sources, and beside the bundle. */
const folder = path.join(import.meta.dirname, 'page');

/** The parts of the page's script, in the order in which they are needed: plain scripts, which share their names. */
const scripts = ['data.js', 'place.js', 'timeline.js', 'cells.js', 'table.js', 'page.js'];

/** A script or style as it stands in the page, and what its Content-Security-Policy knows it by. */
export interface Asset {
  text: string;
  /** `'sha256-…'` */
  source: string;
}

/** The page's style and script. */
export function readAssets(): { style: Asset; script: Asset } {
  const parts = scripts.map((name) => readPart(name));
  return {
    style: assetOf(`\n${readPart('page.css')}`),
    script: assetOf(`\n(() => {\n'use strict';\n${parts.join('\n')}})();\n`),
  };
}

function readPart(name: string): string {
  return readFileSync(path.join(folder, name), 'utf8');
}

function assetOf(text: string): Asset {
  return { text, source: `'sha256-${createHash('sha256').update(text).digest('base64')}'` };
}
