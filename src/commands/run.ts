import { Command } from 'commander';
import { callTheRoll, type RollCall } from '../../jobs/snapshot.ts';
import { loadConfig, selectPrincipals } from '../config.ts';
import { withContext } from '../context.ts';
import { type Attempt } from '../deliver/deliver.ts';
import { previewRun } from '../pipeline.ts';
import { collect } from './options.ts';
import { type Report } from './exit-status.ts';
import { describeRollCall, isWell, toJson } from './results.ts';
import { describeAttempt, sendOwed } from './send-owed.ts';
import { type Terminal } from './terminal.ts';

interface RunOptions {
  principal?: string[];
  dryRun?: boolean;
  json?: boolean;
}

export function runCommand(terminal: Terminal, report: Report): Command {
  return new Command('run')
    .summary('take one snapshot of every principal now, report changes, send what is owed')
    .description(
      'Takes one snapshot of every principal now, reports what changed since the last complete one, sends what is owed, and ends.',
    )
    .option('--principal <name>', 'only this principal (repeatable)', collect)
    .option('--dry-run', 'say what would change; store and send nothing')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  rollcall run\n  rollcall run --principal ops-bot --dry-run')
    .action(async (options: RunOptions) => {
      const config = loadConfig();
      const principals = selectPrincipals(config, options.principal);
      const onRequest = (name: string, count: number) => terminal.progress(`${name}: request ${count}…`);
      await withContext({ config, signal: terminal.signal, onRequest }, async (context) => {
        const order = { principals, trigger: 'manual' as const, slot: null };
        const calls = await callTheRoll(context, order, options.dryRun === true ? previewRun : undefined);
        const attempts = options.dryRun === true ? [] : await sendOwed(context);
        print(terminal, { calls, attempts }, options);
        report(calls.every(isWell) && attempts.every(({ outcome }) => outcome.outcome === 'sent') ? 0 : 1);
      });
    });
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
