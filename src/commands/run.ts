import { Command } from 'commander';
import { deliverAll } from '../../jobs/deliver.ts';
import { drainDigest, enqueueMissedDigest } from '../../jobs/digest.ts';
import { callTheRoll, type RollCall } from '../../jobs/snapshot.ts';
import { loadConfig, selectPrincipals } from '../config.ts';
import { type Context, withContext } from '../context.ts';
import { type Attempt } from '../deliver/deliver.ts';
import { enqueueOwed } from '../deliver/ledger.ts';
import { previewRun } from '../pipeline.ts';
import { describeAttempt } from './attempts.ts';
import { type Report } from './exit-status.ts';
import { collect, wholeNumber } from './options.ts';
import { describeRollCall, isWell, toJson } from './results.ts';
import { type Terminal } from './terminal.ts';
import { runWhenFree } from './wait.ts';

interface RunOptions {
  principal?: string[];
  wait: number;
  dryRun?: boolean;
  json?: boolean;
}

/** Longer than it takes to see that whoever has a principal is dead. */
const waitSeconds = 90;

export function runCommand(terminal: Terminal, report: Report): Command {
  return new Command('run')
    .summary('take one snapshot of every principal now, report changes, send what is owed')
    .description(
      'Takes one snapshot of every principal now, reports what changed since the last complete one, sends what is owed, and ends. ' +
        'It needs no worker: start it from cron, a systemd timer or a Kubernetes CronJob.',
    )
    .option('--principal <name>', 'only this principal (repeatable)', collect)
    .option(
      '--wait <seconds>',
      'how long to wait for a principal that another process is running',
      wholeNumber(0, 86_400),
      waitSeconds,
    )
    .option('--dry-run', 'say what would change; store and send nothing')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  rollcall run\n  rollcall run --principal ops-bot --dry-run')
    .action(async (options: RunOptions) => {
      const config = loadConfig();
      const principals = selectPrincipals(config, options.principal);
      const onRequest = (name: string, count: number) => terminal.progress(`${name}: request ${count}…`);
      await withContext({ config, signal: terminal.signal, onRequest }, async (context) => {
        const order = { principals, trigger: 'manual' as const, slot: null };
        const run = options.dryRun === true ? previewRun : runWhenFree(options.wait, terminal);
        const calls = await callTheRoll(context, order, run);
        const attempts = options.dryRun === true ? [] : await sendWhatIsOwed(context, options);
        print(terminal, { calls, attempts }, options);
        report(calls.every(isWell) && attempts.every(({ outcome }) => outcome.outcome === 'sent') ? 0 : 1);
      });
    });
}

/** What a worker would send too: the reports of these runs and of earlier ones, and the digest that is due. */
async function sendWhatIsOwed(context: Context, { principal }: RunOptions): Promise<Attempt[]> {
  const now = context.now();
  await context.queue.takeBackFromTheDead();
  await enqueueOwed(context.db, context.queue, now);
  if (principal === undefined) {
    await enqueueMissedDigest(context, now);
    await drainDigest(context);
  }
  return deliverAll(context);
}

function print(
  terminal: Terminal,
  { calls, attempts }: { calls: readonly RollCall[]; attempts: readonly Attempt[] },
  { dryRun = false, json = false }: RunOptions,
): void {
  if (json) terminal.print(JSON.stringify(toJson(calls, attempts, dryRun), null, 2));
  for (const call of calls) {
    for (const line of describeRollCall(call, dryRun)) {
      if (!isWell(call)) terminal.warn(line);
      else if (!json) terminal.print(line);
    }
  }
  const silenced = json ? { ...terminal, print: () => undefined } : terminal;
  for (const attempt of attempts) describeAttempt(silenced, attempt);
}
