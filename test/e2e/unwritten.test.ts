import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { deploy, halfADayAway } from '../support/deployment.ts';

/** Starts the real command line in a shell, with its output led elsewhere. */
function startRedirected(redirection: string, args: readonly string[], variables: Record<string, string>) {
  const call = ['-c', `exec "$0" "$@" ${redirection}`, process.execPath, inject('commandEntry'), ...args];
  const child = spawn('sh', call, {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function endOf(child: ReturnType<typeof startRedirected>) {
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status: child.exitCode, stdout, stderr };
}

/** Until it is so, or the process has ended. */
async function until(child: ChildProcess, isSo: () => Promise<boolean>): Promise<void> {
  while (child.exitCode === null && !(await isSo())) await setTimeout(100);
}

describe.runIf(existsSync('/dev/full'))('on a full disk', () => {
  it('a result that cannot be written is one line and status 1, and the work is done', async () => {
    const { variables, readMails, readHistory } = await deploy();
    const run = await endOf(startRedirected('>/dev/full', ['run'], variables));
    expect(run).toMatchObject({ status: 1, stdout: '' });
    expect(run.stderr).toMatch(/^rollcall: The result could not be written to standard output: ENOSPC.*\n$/);
    expect((await readHistory()).runs).toMatchObject([{ state: 'complete' }]);
    expect(await readMails()).toHaveLength(1);

    for (const command of [
      ['runs'],
      ['members', '--json'],
      ['sql', 'select 1', '--csv'],
      ['export'],
      ['--help'],
    ]) {
      const ended = await endOf(startRedirected('>/dev/full', command, variables));
      expect(ended, command.join(' ')).toMatchObject({ status: 1, stdout: '' });
      expect(ended.stderr, command.join(' ')).toMatch(/^rollcall: The result could not be written.*\n$/);
    }
  });

  it('what cannot be told changes neither the work nor its status', async () => {
    const { variables, readMails, simulator } = await deploy();
    const run = await endOf(startRedirected('2>/dev/full', ['run', '--json'], variables));
    expect(run.status).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ runs: [{ state: 'complete' }] });
    expect(await readMails()).toHaveLength(1);

    simulator.world.principal().put({ name: 'one more' });
    const mute = await endOf(startRedirected('>/dev/full 2>/dev/full', ['run'], variables));
    expect(mute.status).toBe(1);
    expect(await readMails()).toHaveLength(2);
    expect((await endOf(startRedirected('2>/dev/full', ['runs', '--limit', '0'], variables))).status).toBe(2);
  });

  it('a worker whose log cannot be written does its night, and ends when it is told', async () => {
    const { variables, readMails, readHistory } = await deploy();
    const worker = startRedirected('2>/dev/full', ['worker'], {
      ...variables,
      ...halfADayAway,
      LOG_LEVEL: 'trace',
    });
    const ended = endOf(worker);
    await until(worker, async () => (await readMails()).length > 0);
    worker.kill('SIGTERM');
    expect(await ended).toMatchObject({ status: 0 });
    expect((await readHistory()).runs).toMatchObject([{ state: 'complete', trigger: 'catch_up' }]);
    expect(await readMails()).toHaveLength(1);
  });
});

it('a reader that has seen enough is no failure', async () => {
  const { variables, rollcall } = await deploy({ world: { organizations: 3_000 } });
  await rollcall(['run']);
  for (const command of [['members', '--json'], ['export']]) {
    const reading = startRedirected('', command, variables);
    await once(reading.stdout, 'data');
    reading.stdout.destroy();
    const [stderr] = await Promise.all([text(reading.stderr), once(reading, 'exit')]);
    expect({ status: reading.exitCode, stderr }, command.join(' ')).toEqual({ status: 0, stderr: '' });
  }
});
