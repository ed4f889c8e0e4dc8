import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
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

/** What anybody but its owner may do with something in the data folder: each place with its mode. */
function open(): string[] {
  const places = readdirSync(path.dirname(folder), { recursive: true, encoding: 'utf8' });
  return places.flatMap((name) => {
    const mode = statSync(path.join(path.dirname(folder), name)).mode & 0o777;
    return (mode & 0o077) === 0 ? [] : [`${name} ${mode.toString(8)}`];
  });
}

test('a second process is told who has the folder, harms nothing, and has it once that one was killed; nobody else ever may', async () => {
  const holder = await startHolder();

  await expect(openEmbedded(folder)).rejects.toMatchObject({
    code: 'busy',
    message: expect.stringContaining(`process ${holder.pid} on `) as unknown,
  });
  await kill(holder);

  chmodSync(folder, 0o777);
  chmodSync(path.join(folder, 'PG_VERSION'), 0o666);
  const { db, close } = await reopen();
  expect(await listRuns(db, { limit: 10 })).toMatchObject([{ id: 1, state: 'running', worker: 'holder' }]);
  writeFileSync(path.join(folder, 'made-meanwhile'), '', { mode: 0o644 });
  await close();
  expect(readdirSync(folder).length).toBeGreaterThan(10);
  expect(open()).toEqual([]);
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

test('a link that somebody put in place of what says who has it is removed, and not followed', () => {
  const victim = path.join(path.dirname(folder), 'victim');
  writeFileSync(victim, 'kept');
  for (const target of [victim, path.join(path.dirname(folder), 'nothing')]) {
    symlinkSync(target, `${folder}.pid`);
    const lock = lockFolder(folder);
    expect(readFileSync(`${folder}.pid`, 'utf8')).toBe(`process ${process.pid} on ${hostname()}\n`);
    lock.release();
  }
  expect(readFileSync(victim, 'utf8')).toBe('kept');
  expect(existsSync(path.join(path.dirname(folder), 'nothing'))).toBe(false);
});

test('a link that somebody put in place of the lock is refused, and what it leads to is not made', () => {
  const victim = path.join(path.dirname(folder), 'victim');
  symlinkSync(victim, `${folder}.lock`);
  expect(() => lockFolder(folder)).toThrow('ELOOP');
  expect(existsSync(victim)).toBe(false);
});

test.each(['root:x:0:0', 'process 1 on \u001b[2Jhost\nand more', ''])(
  'what is no name of a process is not told as one: %j',
  (text) => {
    const lock = lockFolder(folder);
    writeFileSync(`${folder}.pid`, text);
    expect(() => lockFolder(folder)).toThrow('in use by another process');
    lock.release();
  },
);
