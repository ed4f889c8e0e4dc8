import { Command } from 'commander';
import { callTheRoll, type RollCall } from '../pipeline/roll-call.ts';
import { loadConfig, selectPrincipals } from '../config.ts';
import { withContext } from '../context.ts';
import { describeMigrated, type Migrated } from '../context/migrate.ts';
import { previewRun } from '../pipeline.ts';
import { describeAttempt } from '../terminal/attempts.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { collect, wholeNumber } from '../terminal/options.ts';
import { describeRollCall, isWell, toJson } from '../terminal/run-results.ts';
import {
  describeInOtherHands,
  describeNotAttempted,
  type Sending,
  sendWhatIsOwed,
} from '../pipeline/send-owed.ts';
import { printJson } from '../terminal/json.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { wrapped } from '../terminal/wrap.ts';
import { runWhenFree } from '../pipeline/when-free.ts';

interface RunOptions {
  principal?: string[];
  wait: number;
  dryRun?: boolean;
  json?: boolean;
}

/** Longer than it takes to see that whoever has a principal or a delivery is dead. */
const waitSeconds = 90;

/**
 * `rollcall run`: takes a snapshot of every principal now, then sends all mail that is still to be sent; status 1
 * unless all went well.
 */
export function runCommand(terminal: Terminal, setStatus: SetStatus): Command {
  return new Command('run')
    .description(
      'Takes one snapshot of every principal now, reports what changed since the last complete one, sends what is owed, and ends. ' +
        'It needs no worker: start it from cron, a systemd timer or a Kubernetes CronJob.',
    )
    .option('--principal <name>', 'only this principal (repeatable)', collect)
    .option(
      '--wait <seconds>',
      'how long to wait for a principal or a delivery that another process has in hand',
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
      const onMigrated = (migrated: Migrated) => terminal.warn(describeMigrated(migrated));
      await withContext({ config, signal: terminal.signal, onRequest, onMigrated }, async (context) => {
        const order = { principals, trigger: 'manual' as const, slot: null };
        const run = options.dryRun === true ? previewRun : runWhenFree(options.wait, terminal.warn);
        const calls = await callTheRoll(context, order, run);
        const sending =
          options.dryRun === true
            ? nothingToSend
            : await sendWhatIsOwed(context, {
                withDigest: options.principal === undefined,
                waitSeconds: options.wait,
                onWaiting: terminal.warn,
              });
        print(terminal, { calls, ...sending }, options);
        setStatus(calls.every(isWell) && isAllSent(sending) ? 0 : 1);
      });
    });
}

const nothingToSend: Sending = { attempts: [], inOtherHands: 0, notAttempted: 0 };

function isAllSent({ attempts, inOtherHands }: Sending): boolean {
  return inOtherHands === 0 && attempts.every(({ outcome }) => outcome.outcome === 'sent');
}

function print(
  terminal: Terminal,
  { calls, attempts, inOtherHands, notAttempted }: Sending & { calls: readonly RollCall[] },
  { dryRun = false, json = false }: RunOptions,
): void {
  if (json) printJson(terminal, toJson(calls, attempts, dryRun));
  const results = json ? { ...terminal, print: () => undefined } : wrapped(terminal);
  for (const call of calls) {
    for (const line of describeRollCall(call, dryRun)) {
      if (isWell(call)) results.print(line);
      else terminal.warn(line);
    }
  }
  for (const attempt of attempts) describeAttempt(results, attempt);
  if (inOtherHands > 0) terminal.warn(describeInOtherHands(inOtherHands));
  if (notAttempted > 0) terminal.warn(describeNotAttempted(notAttempted));
}
