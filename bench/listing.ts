/**
 * How long it takes to read who is where, against paging the same server with the vendor's SDK. Reproduce with
 * `npm run bench:listing`, which takes some ten minutes; it ends with status 1 when a target below is missed.
 *
 * | organizations | latency | cloudflare@7.3.0 | quiet night | night with changes |
 * | ---: | ---: | ---: | ---: | ---: |
 * | 100 | 0 ms | 0.021 s | 0.026 s (1.22) | 0.032 s (1.50) |
 * | 100 | 50 ms | 0.173 s | 0.178 s (1.03) | 0.337 s (1.96) |
 * | 2,000 | 0 ms | 0.101 s | 0.096 s (0.95) | 0.150 s (1.49) |
 * | 2,000 | 50 ms | 2.21 s | 0.685 s (0.31) | 1.34 s (0.61) |
 * | 20,000 | 0 ms | 0.764 s, 199 MB | 0.839 s (1.10) MISSED, 228 MB | 1.33 s (1.74), 273 MB |
 *
 * These are of `/user/organizations`, by a machine that had nothing else to do; before a membership had what `/memberships` tells, the
 * quiet night of 20,000 took 0.95 of the SDK's time and 202 MB. Of either source on a machine with a dozen other processes for its two
 * cores, at 20,000 and 0 ms, where the CPU says more than the time:
 *
 * | source | cloudflare@7.3.0 | quiet night | night with changes |
 * | --- | ---: | ---: | ---: |
 * | organizations | CPU 0.71 s, 188 MB | CPU 0.78 s, 227 MB | CPU 1.28 s, 275 MB |
 * | memberships | CPU 1.13 s, 230 MB | CPU 1.41 s, 275 MB | CPU 2.53 s, 323 MB |
 *
 * A page of `/memberships` has four times as many bytes.
 *
 * In brackets: the share of the SDK's time. Medians of seven readings, three at 20,000, taken in turn on two
 * cores. The SDK asks for one page after the other and proves nothing. The CPU is that
 * of the process that reads, in all its threads, and is told at 20,000. A night is what `observe`
 * asks Cloudflare for: `GET /user`, then the pages of one listing when it equals the baseline, of two when it does not,
 * and then `GET /user/invites`; every answer is parsed, checked, put in order and compared with the baseline. Not in it:
 * what the database is asked for, and storing. Each reading has a process of its own, whose start, and whose loading of
 * modules, of the SDK's fetch and of the baseline, come before the clock starts. The memory is the peak
 * of that whole process: Node.js, the modules, and for a night also the baseline with the text that it was read from.
 *
 * The limits: latency is all that this network has, neither connections to encrypt nor bandwidth to share; the simulator
 * shares the machine, so that its work is in every figure, and weighs most at 0 ms.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createClient } from '../src/cloudflare/http/client.ts';
import { readCompleteListing } from '../src/cloudflare/complete-listing.ts';
import { type RunSource, runSources } from '../src/domain/run.ts';
import { Secret } from '../src/domain/secret.ts';
import { sdkVersion } from '../test/simulator/vendor-sdk.ts';
// Nothing but types: the module is a program.
import type { Reader, Reading } from './reader.ts';

const readers: readonly Reader[] = ['sdk', 'quiet', 'changes'];
const cases: readonly Case[] = runSources.flatMap((source) =>
  [100, 2_000, 20_000].flatMap((organizations) =>
    [0, 50].map((latencyMs) => ({
      source,
      organizations,
      latencyMs,
      repeats: organizations < 20_000 ? 7 : 3,
    })),
  ),
);
/** Shares of the SDK's time, at most, for either source. */
const targets: readonly Target[] = [
  { organizations: 2_000, latencyMs: 50, quiet: 1 / 3, changes: 2 / 3 },
  { organizations: 20_000, latencyMs: 0, quiet: 1, changes: Infinity },
];

interface Target {
  organizations: number;
  latencyMs: number;
  quiet: number;
  /** `Infinity`: none. */
  changes: number;
}

interface Case {
  source: RunSource;
  organizations: number;
  latencyMs: number;
  repeats: number;
}

interface Medians {
  ms: number;
  cpuSeconds: number;
  peakMegabytes: number;
}

type Result = Case & Record<Reader, Medians>;

async function measure(benchmark: Case): Promise<Result> {
  const { source, organizations, latencyMs, repeats } = benchmark;
  await using simulator = await simulate(organizations, latencyMs);
  const roll = { ...simulator, source };
  await using baselines = await writeBaselines(roll);
  const readings: Record<Reader, Reading[]> = { sdk: [], quiet: [], changes: [] };
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const reader of readers) {
      const reading = await startReader(reader, roll, baselines);
      if (reading.organizations !== organizations) {
        throw new Error(
          `expected ${organizations} organizations from ${reader}, got ${reading.organizations}`,
        );
      }
      readings[reader].push(reading);
    }
  }
  const { sdk, quiet, changes } = readings;
  return { ...benchmark, sdk: mediansOf(sdk), quiet: mediansOf(quiet), changes: mediansOf(changes) };
}

interface Address {
  url: string;
  token: string;
}

interface Roll extends Address {
  source: RunSource;
}

/** The simulator in a process of its own, so that it shares no event loop with what is measured. */
async function simulate(organizations: number, latencyMs: number): Promise<Address & AsyncDisposable> {
  const options = [
    '--port',
    '0',
    '--organizations',
    String(organizations),
    '--latency-ms',
    String(latencyMs),
  ];
  const entry = path.join(import.meta.dirname, '../src/cli.ts');
  const child = spawn(process.execPath, [entry, 'simulate', ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const values: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    values.push(line.slice(line.indexOf('=') + 1));
    if (values.length === 2) break;
  }
  const [url, token] = values;
  if (url === undefined || token === undefined) throw new Error('expected the simulator to say where it is');
  const closed = once(child, 'close');
  return {
    url,
    token,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

type Baselines = Record<'quiet' | 'changes', string>;

/** The roll as it is, and the roll without its last organization, which makes a night with one change. */
async function writeBaselines({ url, token, source }: Roll): Promise<Baselines & AsyncDisposable> {
  const client = createClient({
    principal: 'default',
    credentials: { kind: 'token', token: new Secret(token) },
    baseUrl: url,
    source,
  });
  const { memberships } = await readCompleteListing(client, () => undefined);
  const folder = await mkdtemp(path.join(tmpdir(), 'rollcall-bench-'));
  const files = { quiet: path.join(folder, 'quiet.json'), changes: path.join(folder, 'changes.json') };
  await writeFile(files.quiet, JSON.stringify(memberships));
  await writeFile(files.changes, JSON.stringify(memberships.slice(0, -1)));
  return { ...files, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

async function startReader(reader: Reader, roll: Roll, baselines: Baselines): Promise<Reading> {
  const { source, url, token } = roll;
  const entry = path.join(import.meta.dirname, 'reader.ts');
  const baseline = reader === 'sdk' ? [] : [baselines[reader]];
  const { stdout } = await promisify(execFile)(process.execPath, [
    entry,
    reader,
    source,
    url,
    token,
    ...baseline,
  ]);
  return JSON.parse(stdout) as Reading;
}

function mediansOf(readings: readonly Reading[]): Medians {
  return {
    ms: median(readings.map(({ ms }) => ms)),
    cpuSeconds: median(readings.map(({ cpuSeconds }) => cpuSeconds)),
    peakMegabytes: median(readings.map(({ peakMegabytes }) => peakMegabytes)),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function headings(): string {
  const columns = [
    'source',
    'organizations',
    'latency',
    `cloudflare@${sdkVersion}`,
    'quiet night',
    'night with changes',
  ];
  return `| ${columns.join(' | ')} |\n| --- |${' ---: |'.repeat(columns.length - 1)}`;
}

function rowOf({ source, organizations, latencyMs, sdk, quiet, changes }: Result): string {
  const costs = ({ cpuSeconds, peakMegabytes }: Medians) =>
    organizations === 20_000 ? `, CPU ${cpuSeconds.toFixed(2)} s, ${peakMegabytes.toFixed(0)} MB` : '';
  const ours = (one: Medians) => `${seconds(one)} (${(one.ms / sdk.ms).toFixed(2)})${costs(one)}`;
  const cells = [
    source,
    organizations.toLocaleString('en'),
    `${latencyMs} ms`,
    `${seconds(sdk)}${costs(sdk)}`,
    ours(quiet),
    ours(changes),
  ];
  return `| ${cells.join(' | ')} |`;
}

function seconds({ ms }: Medians): string {
  return `${(ms / 1000).toFixed(ms < 1000 ? 3 : 2)} s`;
}

/** What misses a target, in words. */
function missesOf({ source, organizations, latencyMs, sdk, ...nights }: Result): string[] {
  const asked = targets.filter((one) => one.organizations === organizations && one.latencyMs === latencyMs);
  return asked.flatMap((target) =>
    (['quiet', 'changes'] as const).flatMap((night) => {
      const share = nights[night].ms / sdk.ms;
      if (share <= target[night]) return [];
      const most = target[night].toFixed(2);
      return [`${source}, ${night}: expected at most ${most} of the SDK's time, got ${share.toFixed(2)}`];
    }),
  );
}

console.log(headings());
for (const benchmark of cases) {
  const result = await measure(benchmark);
  console.log(rowOf(result));
  for (const miss of missesOf(result)) {
    console.error(miss);
    process.exitCode = 1;
  }
}
