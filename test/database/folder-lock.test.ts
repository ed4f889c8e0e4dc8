import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openEmbedded } from '../../src/database/database.ts';
import { lockFolder } from '../../src/database/folder-lock.ts';
import { listRuns } from '../../src/history/runs.ts';

let folder: string;

beforeEach(async () => {
  const parent = await mkdtemp(path.join(tmpdir(), 'rollcall-lock-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  folder = path.join(parent, 'pglite');
});

/** Another process that has the folder's database open, with run 1 under way. */
async function startHolder(): Promise<ChildProcess> {
  const holder = spawn(process.execPath, [path.join(import.meta.dirname, 'embedded-holder.ts'), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    if (holder.exitCode === null && holder.signalCode === null) await kill(holder);
  });
  await Promise.race([once(holder.stdout, 'data'), diedEarly(holder)]);
  return holder;
}

async function diedEarly(holder: ChildProcess): Promise<never> {
  const [status] = (await once(holder, 'exit')) as [number | null];
  throw new Error(`The holder ended with status ${status}.`);
}

async function kill(holder: ChildProcess): Promise<void> {
  const exited = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exited;
}

test('a second process is told who has the folder, harms nothing, and has it once that one was killed', async () => {
  const holder = await startHolder();

  await expect(openEmbedded(folder)).rejects.toMatchObject({
    code: 'busy',
    message: expect.stringContaining(`process ${holder.pid} on `) as unknown,
  });
  await kill(holder);

  const { db, close } = await reopen();
  expect(await listRuns(db, { limit: 10 })).toMatchObject([{ id: 1, state: 'running', worker: 'holder' }]);
  await close();
}, 60_000);

async function reopen() {
  const opened = await openEmbedded(folder);
  return { db: opened.db, close: () => opened.close() };
}

test('a lock that was given back can be taken again, and nothing says who had it', () => {
  lockFolder(folder).release();
  const lock = lockFolder(folder);

  expect(existsSync(`${folder}.pid`)).toBe(true);
  lock.release();
  expect(existsSync(`${folder}.pid`)).toBe(false);
});

test('the same process cannot take it twice', () => {
  const lock = lockFolder(folder);
  onTestFinished(() => lock.release());

  expect(() => lockFolder(folder)).toThrow(`process ${process.pid} on `);
});

test('two folders side by side are two locks', () => {
  const lock = lockFolder(folder);
  const other = lockFolder(`${folder}-other`);

  expect(() => [lock, other].forEach((held) => held.release())).not.toThrow();
});
