import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder that goes with `remove`, or else with this process: at a signal its contents go at least. */
export async function makeTemporaryFolder(name: string): Promise<{ folder: string; remove: () => void }> {
  const folder = await mkdtemp(path.join(tmpdir(), `rollcall-${name}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  return { folder, remove };
}
