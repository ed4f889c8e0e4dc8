import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, inject, it } from 'vitest';
import { applyNight } from '../../src/simulator/night.ts';
import { type Ended, rollcall, scratchFolder } from '../support/command-line.ts';
import { deploy } from '../support/deployment.ts';

/** One line on standard error, which says this, and nothing on standard output. */
function refusal(status: 1 | 2, told: RegExp) {
  return {
    status,
    stdout: '',
    stderr: expect.stringMatching(new RegExp(`^rollcall: .*${told.source}.*\n$`)) as string,
  };
}

it('an auditor has the folder and rollcall alone, and is told whether it is as it was written', async () => {
  const { rollcall: call, simulator, readMails } = await deploy();
  await call(['run']);
  applyNight(simulator.world);
  await call(['run']);
  const [first = '', second = ''] = (await readMails()).map(
    ({ text = '' }) => /Chain head:? +([0-9a-f]{64})/.exec(text)?.[1] ?? '',
  );
  const binder = scratchFolder();
  const folder = path.join(binder, 'history');
  const stream = path.join(binder, 'history.ndjson');
  const exported = await call(['export', '--out', folder]);
  expect(exported).toMatchObject({ status: 0, stderr: '' });
  expect(exported.stdout).toMatch(/history: \d+ rows of 1 principal, manifest [0-9a-f]{64}\.\n/);
  const told = await call(['export']);
  expect(told).toMatchObject({ status: 0, stderr: '' });
  writeFileSync(stream, told.stdout);

  // Neither a configuration nor a database is there, nor is one made; one that is away is not asked.
  const desk = scratchFolder();
  const nowhere = { DATABASE_URL: 'postgres://127.0.0.1:1/none', ROLLCALL_CONFIG: '/nowhere/rollcall.yaml' };
  const verify = (args: readonly string[]): Promise<Ended> =>
    rollcall(['verify', '--file', ...args], nowhere, desk);
  for (const place of [folder, stream]) {
    const sound = await verify([place]);
    expect(sound).toMatchObject({ status: 0, stderr: '' });
    expect(sound.stdout).toMatch(/its files are as the manifest says\.\n/);
    expect(sound.stdout).toContain(`default: 2 runs match, up to run 2, whose chain is ${second}\n`);
  }
  expect((await rollcall(['verify', '--file', folder], {}, desk)).status).toBe(0);
  expect((await verify([folder, '--against', first, '--principal', 'default'])).stdout).toContain(
    `default: 1 run matches, up to run 1, whose chain is ${first}\n`,
  );
  expect(await verify([folder, '--against', 'f'.repeat(64)])).toEqual(
    refusal(1, /No run has the chain f{64}\./),
  );
  expect(await verify([folder, '--principal', 'defalt'])).toEqual(refusal(2, /Did you mean default\?/));
  expect(await verify([path.join(binder, 'none')])).toEqual(refusal(2, /There is no export at/));
  expect(readdirSync(desk)).toEqual([]);

  const runs = path.join(folder, 'runs.ndjson');
  writeFileSync(runs, readFileSync(runs, 'utf8').replace('"retries":0', '"retries":1'));
  const altered = await verify([folder, '--json']);
  expect(altered).toMatchObject({
    status: 1,
    stderr: `rollcall: The export ${folder} is not as it was written.\n`,
  });
  expect(JSON.parse(altered.stdout)).toMatchObject({
    matches: false,
    faults: [expect.stringMatching(/^runs\.ndjson: it is not what the manifest says/) as unknown],
  });
});

it('an export replaces nothing that it is not told to, and nothing but an export', async () => {
  const { rollcall: call } = await deploy();
  await call(['run']);
  const binder = scratchFolder();
  const folder = path.join(binder, 'a', 'history');
  expect((await call(['export', '--out', folder, '--format', 'csv'])).stdout).toContain('CSV is for reading');
  const csv = await call(['verify', '--file', folder]);
  expect(csv).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('the history in it is not verified') as string,
  });
  for (const more of [
    ['--against', 'f'.repeat(64)],
    ['--principal', 'default'],
  ])
    expect(await call(['verify', '--file', folder, ...more])).toEqual(refusal(2, /A CSV is for reading/));
  expect(readFileSync(path.join(folder, 'memberships.csv'), 'utf8').split('\r\n')).toHaveLength(62);

  expect(await call(['export', '--out', folder])).toEqual(
    refusal(2, /has an export in it already; --force replaces it/),
  );
  expect(await call(['export', '--out', folder, '--force'])).toMatchObject({ status: 0 });
  expect(readdirSync(folder)).toHaveLength(7);
  expect(existsSync(path.join(folder, 'runs.csv'))).toBe(false);
  expect(await call(['verify', '--file', folder])).toMatchObject({ status: 0 });

  const foreign = path.join(binder, 'foreign');
  mkdirSync(foreign);
  writeFileSync(path.join(foreign, 'thesis.txt'), 'mine');
  expect(await call(['export', '--out', foreign])).toEqual(refusal(2, /is not empty/));
  expect(await call(['export', '--out', foreign, '--force'])).toEqual(refusal(2, /no export/));
  expect(readdirSync(foreign)).toEqual(['thesis.txt']);
  expect(await call(['export', '--out', path.join(foreign, 'thesis.txt')])).toEqual(
    refusal(2, /is no folder/),
  );
  expect(await call(['export', '--out', '/dev/null/x'])).toEqual(
    refusal(1, /could not be written to .*ENOTDIR/),
  );
  expect(await call(['export', '--format', 'csv'])).toEqual(refusal(2, /say with --out/));
  expect(await call(['export', '--force'])).toEqual(refusal(2, /--force is about/));
});

it('a folder that is full is told in a line, and what was there before is as it was', async () => {
  const { rollcall: call, variables } = await deploy();
  await call(['run']);
  const folder = path.join(scratchFolder(), 'history');
  await call(['export', '--out', folder]);
  const before = await call(['verify', '--file', folder]);
  // Files of at most 1,024 bytes: the disk is full at the second block.
  const limited = ['-c', 'trap "" XFSZ; ulimit -f 2; exec "$0" "$@"', process.execPath];
  const ended = spawnSync('sh', [...limited, inject('commandEntry'), 'export', '--out', folder, '--force'], {
    env: { PATH: process.env['PATH'], ...variables },
    encoding: 'utf8',
  });
  expect(ended).toMatchObject({ status: 1, stdout: '' });
  expect(ended.stderr).toMatch(/^rollcall: The export could not be written to .*: EFBIG.*\n$/);
  expect(readdirSync(folder)).toHaveLength(7);
  expect(await call(['verify', '--file', folder])).toEqual(before);
});
