import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestProject } from 'vitest/node';

/** Gives the embedded databases of the tests a folder that goes with them, whatever becomes of the tests. */
export default async function makeScratchFolder(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rollcall-tests-'));
  project.provide('scratchFolder', folder);
  return () => rm(folder, { recursive: true, force: true });
}
