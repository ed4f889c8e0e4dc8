import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Loaded before the command line: writes the names of the packages that it loaded into the file that `LOADED` names. */
const packages = new Set<string>();
registerHooks({
  load(url, context, nextLoad) {
    const name = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
    if (name !== undefined) packages.add(name);
    return nextLoad(url, context);
  },
});
process.once('exit', () => writeFileSync(process.env['LOADED'] ?? '', JSON.stringify([...packages])));
