import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { deliverAll } from '../pipeline/deliver.ts';
import { callTheRoll } from '../pipeline/roll-call.ts';
import { type Config, loadConfig } from '../config.ts';
import { type Context, withContext } from '../context.ts';
import { systemNow } from '../context/clock.ts';
import { describeMigrated, type Migrated } from '../context/migrate.ts';
import { lockFolder } from '../database/folder-lock.ts';
import { mailedCsv } from '../domain/csv-file.ts';
import { RollcallError } from '../domain/errors.ts';
import { defaultSource, type RunSource, runSources } from '../domain/run.ts';
import { Secret } from '../domain/secret.ts';
import { writeNewFile } from '../deliver/new-file.ts';
import { findReport } from '../history/reports.ts';
import { createLog } from '../log.ts';
import { applyNight } from '../simulator/night.ts';
import { startSimulator, type Simulator } from '../simulator/server.ts';
import { createWorld } from '../simulator/world.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { describeRollCall } from '../terminal/run-results.ts';
import { describeAttempt } from '../terminal/attempts.ts';
import { oneOf } from '../terminal/options.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { wrapLines } from '../terminal/wrap.ts';

const organizations = 128;

/** `rollcall demo`: runs two nights against the simulator, on an embedded database of its own that it empties first. */
export function demoCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('demo')
    .description(
      "Runs two nights with changes between them, against a stand-in for Cloudflare's API and on the embedded " +
        'database; prints what changed and says where the report is. Needs nothing and touches nothing but its folder.',
    )
    .addOption(
      oneOf('--source <source>', 'which endpoint the roll is read from', runSources).default(defaultSource),
    )
    .addHelpText('after', '\nExamples:\n  npm run demo\n  rollcall demo --source memberships')
    .action(async ({ source }: { source: RunSource }) => {
      const folder = path.join(path.dirname(loadConfig({}).embeddedFolder), 'demo');
      clearFolder(folder);
      const world = createWorld({ seed: 1, organizations, now: systemNow });
      const simulator = await startSimulator({ world });
      try {
        await tellTwoNights(terminal, simulator, { folder, source });
      } finally {
        await simulator.close();
      }
    });
}

/** Empties the demo's own folder, unless another demo is at work in it. */
function clearFolder(folder: string): void {
  const lock = lockFolder(path.join(folder, 'pglite'));
  for (const part of ['pglite', 'outbox', 'report'])
    rmSync(path.join(folder, part), { recursive: true, force: true });
  lock.release();
}

/** Where the demo keeps what it makes, and what it reads. */
interface Setting {
  folder: string;
  source: RunSource;
}

async function tellTwoNights(terminal: Terminal, simulator: Simulator, setting: Setting): Promise<void> {
  const lastNight = nightBefore(systemNow(), 1);
  const clock = { now: lastNight };
  const config = configure(simulator, setting);
  const options = {
    config,
    now: () => clock.now,
    log: createLog({ level: 'silent', forPeople: true }),
    onMigrated: (migrated: Migrated) => terminal.warn(describeMigrated(migrated)),
  };
  await withContext(options, async (context) => {
    terminal.print(`A simulated Cloudflare with ${organizations} organizations is at ${simulator.url}`);
    terminal.print(`\nFirst night, ${lastNight.toISOString()}`);
    await tellNight(terminal, context);
    applyNight(simulator.world, 1, setting.source);
    clock.now = nightBefore(systemNow(), 0);
    terminal.print(`\nThe world changes. Second night, ${clock.now.toISOString()}`);
    const runId = await tellNight(terminal, context);
    await showReport(terminal, { context, folder: setting.folder, runId });
  });
}

/** Two o'clock in the morning, so many days ago, in UTC. */
function nightBefore(now: Date, days: number): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - days, 2));
}

function configure(simulator: Simulator, { folder, source }: Setting): Config {
  const credentials = { kind: 'token' as const, token: new Secret(simulator.world.principal().apiToken) };
  return {
    ...loadConfig({}, path.parse(folder).root),
    embeddedFolder: path.join(folder, 'pglite'),
    outboxFolder: path.join(folder, 'outbox'),
    cloudflareBaseUrl: simulator.url,
    principals: [{ name: 'demo', credentials, source, pingUrl: null }],
    audiences: [{ to: ['you@example.com'] }],
  };
}

async function tellNight(terminal: Terminal, context: Context): Promise<number> {
  const { principals } = context.config;
  const [call] = await callTheRoll(context, {
    principals,
    trigger: 'manual',
    slot: null,
  });
  if (call?.outcome !== 'complete')
    throw new RollcallError('incomplete', 'The demo failed: a night did not complete.');
  const [summary = ''] = describeRollCall(call, false);
  terminal.print(`  ${summary}`);
  for (const attempt of await deliverAll(context)) describeAttempt(indented(terminal), attempt);
  return call.snapshot.run.id;
}

async function showReport(
  terminal: Terminal,
  { context, folder, runId }: { context: Context; folder: string; runId: number },
): Promise<void> {
  const report = await findReport(context.db, runId);
  if (report?.csv == null || report.csvFilename === null)
    throw new RollcallError('incomplete', 'The demo failed: no report.');
  const reportFolder = path.join(folder, 'report');
  await mkdir(reportFolder, { recursive: true, mode: 0o700 });
  const html = path.join(reportFolder, 'report.html');
  const csv = path.join(reportFolder, report.csvFilename);
  await writeNewFile(html, report.html);
  await writeNewFile(csv, mailedCsv(report.csv, report.csvSha256));
  terminal.print(`\n${wrapLines(report.text.trimEnd(), terminal.width)}\n`);
  terminal.print(`The mail   ${relative(context.config.outboxFolder)}/*.eml`);
  terminal.print(`As HTML    ${relative(html)}`);
  terminal.print(`As CSV     ${relative(csv)}`);
  terminal.print(`\nAsk the history yourself:\n`);
  terminal.print(
    `  ROLLCALL_DATA_DIR=${relative(folder)} npx rollcall sql "select kind, organization_name, before, after`,
  );
  terminal.print(`    from rollcall.change_log order by kind"`);
}

function indented(terminal: Terminal): Pick<Terminal, 'print' | 'warn'> {
  const indent = (text: string) => text.replaceAll(/^/gm, '  ');
  return { print: (text) => terminal.print(indent(text)), warn: (text) => terminal.warn(indent(text)) };
}

function relative(file: string): string {
  return path.relative('.', file);
}
