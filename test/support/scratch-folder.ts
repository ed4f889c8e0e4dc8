import { type TestProject } from 'vitest/node';
import { makeTemporaryFolder } from './temporary-folder.ts';

/** Gives the embedded databases of the tests a folder that goes with them, whatever becomes of the tests. */
export default async function makeScratchFolder(project: TestProject): Promise<() => void> {
  const { folder, remove } = await makeTemporaryFolder('tests');
  project.provide('scratchFolder', folder);
  return remove;
}
