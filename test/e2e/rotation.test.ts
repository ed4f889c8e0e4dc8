import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, inject, it } from 'vitest';
import { folderWith } from '../config/folder.ts';
import { rollcall, startRollcall, untilSaid } from '../support/command-line.ts';
import { deploy } from '../support/deployment.ts';

describe('a secret in a file', () => {
  it('of one of two principals fails the night of that one alone, which is told, and its next night once it is mended', async () => {
    const { simulator, variables, readMails } = await deploy({
      world: { organizations: 10, principals: ['good', 'bad'] },
    });
    const folder = folderWith({
      'rollcall.yaml':
        'command: sudo -u rollcall rollcall\nprincipals: [{ name: bad, apiTokenFile: bad-token }, { name: good, apiTokenFile: good-token }]',
      'good-token': simulator.world.principal('good').apiToken,
    });
    const { CLOUDFLARE_API_TOKEN: _, ...others } = variables;
    const call = (...args: string[]) => rollcall(args, others, folder);

    const run = await call('run');
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(/^good: run \d complete/m);
    expect(run.stderr).toMatch(
      /^run \d failed: bad: rollcall\.yaml: principals\[0\]\.apiTokenFile: .*bad-token/m,
    );
    expect(JSON.parse((await call('runs', '--json')).stdout)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ principal: 'bad', state: 'failed', requests: 0 }),
        expect.objectContaining({ principal: 'good', state: 'complete' }),
      ]),
    );
    const mails = await readMails();
    const subjects = mails.map(({ subject = '' }) => subject);
    expect(mails.some(({ text = '' }) => text.includes('sudo -u rollcall rollcall members'))).toBe(true);
    expect(
      subjects.filter((subject) => subject.includes('bad: credentials not usable, no snapshot')),
    ).toHaveLength(1);
    const check = await call('check');
    expect(check.stdout).toMatch(/^FAIL +credentials bad +rollcall\.yaml: principals\[0\]\.apiTokenFile/m);
    expect(check.stdout).toMatch(/^ok +credentials good/m);

    writeFileSync(path.join(folder, 'bad-token'), `${simulator.world.principal('bad').apiToken}\n`);
    const mended = await call('run');
    expect(mended).toMatchObject({ status: 0, stderr: '' });
    expect(mended.stdout).toMatch(/^bad: run \d complete/m);
  });

  it('that is replaced under a worker is the one of its next night; other settings take a restart, which SIGHUP tells', async () => {
    const { simulator, variables } = await deploy({ world: { organizations: 5 } });
    const folder = folderWith({ token: 'cfut_not-this-one' });
    const { CLOUDFLARE_API_TOKEN: right = '', ...others } = variables;
    const worker = startRollcall(
      ['worker'],
      {
        ...others,
        CLOUDFLARE_API_TOKEN_FILE: 'token',
        ROLLCALL_SCHEDULE: '*/2 * * * * *',
        ROLLCALL_HTTP: 'off',
      },
      folder,
    );
    await untilSaid(worker.stderr, 'run ended short');
    const rolled = right.replace(/.{10}$/, 'r0lledAnew');
    simulator.world.principal().apiToken = rolled;
    writeFileSync(path.join(folder, 'token'), rolled);
    await untilSaid(worker.stderr, 'run complete');
    writeFileSync(path.join(folder, 'rollcall.yaml'), 'timezone: Asia/Tokyo\n');
    worker.kill('SIGHUP');
    expect(await untilSaid(worker.stderr, '"file":"rollcall.yaml"')).toContain('SIGHUP');
    worker.kill('SIGTERM');
    await once(worker, 'close');
    expect(worker.exitCode).toBe(0);
  });

  it('that is a pipe, to be read once, is used and told to nobody', async () => {
    const { simulator, variables } = await deploy({ world: { organizations: 5 } });
    const { CLOUDFLARE_API_TOKEN: token = '', ...others } = variables;
    simulator.faults.add({
      on: { path: 'list', times: Infinity },
      fault: { kind: 'answer', status: 403, code: 10000, message: `no: ${token}` },
    });
    const call = async (word: string) => {
      const script = 'CLOUDFLARE_API_TOKEN_FILE=<(printf %s "$PIPED") exec "$0" "$1" "$2"';
      const args = ['-c', script, process.execPath, inject('commandEntry'), word];
      const env = { PATH: process.env['PATH'], ...others, PIPED: token };
      const child = spawn('bash', args, { env, cwd: folderWith() });
      const [said, stdout] = await Promise.all([
        text(child.stderr),
        text(child.stdout),
        once(child, 'close'),
      ]);
      expect(said + stdout).not.toContain(token);
      return { status: child.exitCode, said };
    };
    expect(await call('run')).toEqual({ status: 1, said: expect.stringContaining('no: [secret]') as string });
    expect(simulator.requests.at(-1)?.path).toContain('organizations');
    // The command line is read, and refused, before anything else has read the pipe.
    expect(await call(token)).toEqual({ status: 2, said: expect.stringContaining('[secret]') as string });
  });
});
