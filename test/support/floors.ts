import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** Files and those of ours that they import, types included; all from the root of the repository. */
export type Imports = ReadonlyMap<string, readonly string[]>;

const bottom = ['domain', 'project'];
const technologies = ['database', 'cloudflare', 'simulator'];
const stages = ['snapshot', 'report', 'deliver', 'schedule', 'history', 'audit'];
const outside = ['config', 'log', 'context'];
const acts = ['pipeline', 'health', 'checks'];
/** Each stands on those before it. */
const top = ['jobs', 'worker', 'terminal', 'commands', 'cli'];

const belowTheTop = [...bottom, ...technologies, 'queue', ...stages, ...outside, ...acts];

/** What each part of the house may import beside itself. */
const allowed = new Map<string, readonly string[]>([
  ['domain', []],
  ['project', []],
  ...technologies.map((part) => [part, [...bottom]] as const),
  ['queue', [...bottom, 'database']],
  ...stages.map((part) => [part, [...bottom, 'database', 'queue']] as const),
  ...outside.map((part) => [part, [...bottom, ...technologies, 'queue', ...stages, ...outside]] as const),
  ...acts.map((part) => [part, [...bottom, ...technologies, 'queue', ...stages, ...outside]] as const),
  ...top.map((part, floor) => [part, [...belowTheTop, ...top.slice(0, floor)]] as const),
]);

/** Every import of ours in these folders. */
export function readImports(root: string, folders: readonly string[]): Imports {
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(folder, name)),
  );
  return new Map(
    files.map((file) => [file, importsOf(file, readFileSync(path.join(root, file), 'utf8'))] as const),
  );
}

/** The files of ours that a source names in an import, static, dynamic or of types. */
export function importsOf(file: string, source: string): string[] {
  return ts
    .preProcessFile(source, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => path.join(path.dirname(file), name));
}

/** Imports of what stands above, or beside where that is not allowed, and parts that no floor is known for. */
export function findTrespasses(imports: Imports): string[] {
  return [...imports].flatMap(([file, imported]) => {
    const part = partOf(file);
    const below = allowed.get(part);
    if (below === undefined) return [`${file} stands on no floor that test/support/floors.ts knows`];
    return imported
      .filter((other) => partOf(other) !== part && !below.includes(partOf(other)))
      .map((other) => `${file} imports ${other}`);
  });
}

/** `src/snapshot/store.ts` is of `snapshot`, `src/config.ts` and `src/config/file.ts` are of `config`, `jobs/…` of `jobs`. */
function partOf(file: string): string {
  const [first = '', second = ''] = file.split(path.sep);
  return first === 'src' ? path.basename(second, '.ts') : first;
}

/** One ring of imports, from a file back to itself, or `null`. */
export function findRing(imports: Imports): string[] | null {
  const cleared = new Set<string>();
  const search = (file: string, way: readonly string[]): string[] | null => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (cleared.has(file)) return null;
    for (const next of imports.get(file) ?? []) {
      const ring = search(next, [...way, file]);
      if (ring !== null) return ring;
    }
    cleared.add(file);
    return null;
  };
  for (const file of imports.keys()) {
    const ring = search(file, []);
    if (ring !== null) return ring;
  }
  return null;
}
