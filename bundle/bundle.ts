import { cpSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * Not bundled: PGlite finds its WebAssembly and its data beside its own module, and `pg` tries for `pg-native`, which
 * nobody has.
 */
const external = ['@electric-sql/pglite', 'pg-native'];

/** Read as text, from beside the code that puts it into a page. */
const auditPage = path.join(import.meta.dirname, '../src/audit/page');

/** Packages in CommonJS ask for Node.js's own modules by `require`, which an ES module does not have. */
const requireForCommonJs = [
  "import { createRequire as createRequireForBundle } from 'node:module';",
  'const require = createRequireForBundle(import.meta.url);',
].join('\n');

/**
 * Writes each entry and all that it imports into `folder`, as `<name>.js`. What is imported dynamically is loaded when it
 * is asked for, and what several need is there once. The folder has to be below the project's, where packages that are
 * not bundled are found. Licences are kept beside the code, and so is what the page of `audit` is made of.
 */
export async function bundle(entries: Readonly<Record<string, string>>, folder: string): Promise<void> {
  await build({
    entryPoints: { ...entries },
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external,
    // What is imported for its types alone is not loaded.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: false } },
    banner: { js: requireForCommonJs },
    // Names stay as they are: a stack is read by people.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'linked',
    chunkNames: '[name]-[hash]',
    logLevel: 'warning',
  });
  cpSync(auditPage, path.join(folder, 'page'), {
    recursive: true,
    filter: (file) => !file.endsWith('.json'),
  });
}
