import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { inject, onTestFinished } from 'vitest';

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export type Variables = Readonly<Record<string, string>>;

/** Runs the real command line to its end, with these variables and no others. */
export async function rollcall(
  args: readonly string[],
  variables: Variables = {},
  folder?: string,
): Promise<Ended> {
  const child = startRollcall(args, variables, folder);
  const [stdout, stderr] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, 'close'),
  ]);
  // As they are: a byte order mark stays.
  return { status: child.exitCode, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
}

export type RunningRollcall = ChildProcessByStdio<null, Readable, Readable>;

/** Starts the real command line; it is killed with the test at the latest. */
export function startRollcall(
  args: readonly string[],
  variables: Variables = {},
  folder?: string,
): RunningRollcall {
  const child = spawn(process.execPath, [inject('commandEntry'), ...args], {
    cwd: folder ?? scratchFolder(),
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** A folder for one test, gone with it. */
export function scratchFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-e2e-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Resolves with all that a stream said until it said this; rejects when it ends without. */
export async function untilSaid(stream: Readable, what: string): Promise<string> {
  let said = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    said += String(chunk);
    if (said.includes(what)) return said;
  }
  throw new Error(`It ended without ${JSON.stringify(what)}; it said: ${said}`);
}
