/**
 * What it takes to start: commands as multiples of a bare `node -e 0`, and the memory of a worker that waits. Reproduce
 * with `npm run bench:start`, which takes a minute; it ends with status 1 when a target is missed. `--sources` measures
 * the sources instead of the bundle that the command runs.
 *
 * | what | sources, everything loaded | bundle | at most |
 * | --- | ---: | ---: | ---: |
 * | `node -e 0` | 34 ms | 33 ms | |
 * | `--version` | 39.0 × | 2.3 × | 3 |
 * | `--help` | 33.0 × | 2.1 × | 6 |
 * | `runs --json`, PostgreSQL | 38.9 × | 10.7 × | 12 |
 * | waiting worker, PostgreSQL | 275 MB | 98 MB | 120 |
 * | waiting worker, embedded | 498 MB | 388 MB | 400 |
 * | its first start, embedded, peak | 1260 MB | 1086 MB | |
 *
 * The first column is of the commit before there was a bundle. A worker on the embedded database holds 350 to 390 MB;
 * PGlite alone holds 310, and 1.1 GB while it makes a database. Its `initialMemory` cannot be less than it is by default.
 *
 * Medians of fifteen starts, taken in turn, on two cores that others were using. PostgreSQL is on the same machine; its database is migrated and
 * empty. The worker has one principal and nothing to do for months; its memory is read ten seconds after it said that it
 * started, and that of its first start on the embedded database, which is made and migrated in it, is the peak until then.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createDatabase } from '../test/support/postgres-databases.ts';
import { startPostgresInstance } from '../test/support/postgres-instance.ts';
import { makeTemporaryFolder } from '../test/support/temporary-folder.ts';

const { values: chosen } = parseArgs({
  options: { sources: { type: 'boolean', default: false }, repeats: { type: 'string', default: '15' } },
});

const project = path.join(import.meta.dirname, '..');
const entry = path.join(project, chosen.sources ? 'src/cli.ts' : 'bin/rollcall.js');

type Variables = Readonly<Record<string, string>>;

interface Result {
  what: string;
  value: number;
  unit: string;
  most: number | null;
}

/** Milliseconds from start to end. */
function timeOnce(args: readonly string[], variables: Variables, folder: string): number {
  const env = { PATH: process.env['PATH'], ...variables };
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
  const ms = performance.now() - startedAt;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return ms;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Each command's median as a multiple of the bare one's. */
function timeCommands(variables: Variables, folder: string): Result[] {
  const bare: number[] = [];
  const commands = [
    { what: '--version', args: ['--version'], most: 3, taken: [] as number[] },
    { what: '--help', args: ['--help'], most: 6, taken: [] as number[] },
    { what: 'runs --json, PostgreSQL', args: ['runs', '--json'], most: 12, taken: [] as number[] },
  ];
  for (let repeat = 0; repeat < Number(chosen.repeats); repeat += 1) {
    bare.push(timeOnce(['-e', '0'], variables, folder));
    for (const { args, taken } of commands) taken.push(timeOnce([entry, ...args], variables, folder));
  }
  return [
    { what: 'node -e 0', value: median(bare), unit: 'ms', most: null },
    ...commands.map(({ what, most, taken }) => ({
      what,
      most,
      value: median(taken) / median(bare),
      unit: '×',
    })),
  ];
}

interface WorkerMemory {
  waiting: number;
  peak: number;
}

/** Megabytes of a worker that has said that it started, and has waited. */
async function weighWorker(variables: Variables, folder: string): Promise<WorkerMemory> {
  const child = spawn(process.execPath, [entry, 'worker'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  try {
    let said = '';
    for await (const chunk of child.stderr.iterator({ destroyOnReturn: false })) {
      said += String(chunk);
      if (said.includes('worker started')) break;
    }
    if (!said.includes('worker started')) throw new Error(`the worker ended: ${said}`);
    child.stderr.resume();
    await setTimeout(10_000);
    return readMemory(child.pid);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

function readMemory(pid = 0): WorkerMemory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { waiting: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

async function weighWorkers(onPostgres: Variables, embedded: Variables, folder: string): Promise<Result[]> {
  const postgres = await weighWorker(onPostgres, folder);
  const first = await weighWorker(embedded, folder);
  const later = await weighWorker(embedded, folder);
  return [
    { what: 'waiting worker, PostgreSQL', value: postgres.waiting, unit: 'MB', most: 120 },
    { what: 'waiting worker, embedded', value: later.waiting, unit: 'MB', most: 400 },
    { what: 'its first start, embedded, peak', value: first.peak, unit: 'MB', most: null },
  ];
}

if (!chosen.sources) execFileSync(process.execPath, [path.join(project, 'bundle/build.ts')]);
const { folder, remove } = await makeTemporaryFolder('bench-start');
const server = await startPostgresInstance();
try {
  const everywhere = {
    CLOUDFLARE_API_TOKEN: 'never-sent',
    CLOUDFLARE_BASE_URL: 'http://127.0.0.1:9',
    ROLLCALL_SCHEDULE: '0 0 29 2 *',
    ROLLCALL_HTTP: '127.0.0.1:0',
    ROLLCALL_DATA_DIR: path.join(folder, 'data'),
  };
  const onPostgres = { ...everywhere, DATABASE_URL: await createDatabase(server.url) };
  const results = [
    ...timeCommands(onPostgres, folder),
    ...(await weighWorkers(onPostgres, everywhere, folder)),
  ];
  console.log('| what | value | at most |\n| --- | ---: | ---: |');
  for (const { what, value, unit, most } of results) {
    console.log(`| ${what} | ${value.toFixed(unit === '×' ? 1 : 0)} ${unit} | ${most ?? ''} |`);
    if (most !== null && !(value <= most)) process.exitCode = 1;
  }
} finally {
  await server.stop();
  remove();
}
