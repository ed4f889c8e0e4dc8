import { Command } from 'commander';
import { loadConfig, selectPrincipals } from '../config.ts';
import { readSources } from '../pipeline/sources.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { printJson } from '../terminal/json.ts';
import { collect } from '../terminal/options.ts';
import { printCsv, printRows, type RowOptions, withRowOptions } from '../terminal/rows.ts';
import { sourcesToJson, tabulateDifferences } from '../terminal/sources-rows.ts';
import {
  describeChangingOver,
  describeReadings,
  isAnyRead,
  judgeSources,
  type SourcesTold,
} from '../terminal/sources-told.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { wrapped } from '../terminal/wrap.ts';

interface SourcesOptions extends RowOptions {
  principal?: string[];
}

/**
 * `rollcall sources`: prints how the two endpoints differ that a roll can be read from; status 1 unless at least one could
 * be read for each principal. Opens no database.
 */
export function sourcesCommand(terminal: Terminal, setStatus: SetStatus): Command {
  const command = new Command('sources')
    .description(
      'Reads both endpoints that a roll can be read from, /user/organizations and /memberships, and says in what they differ ' +
        'and what changing over would report. It stores nothing. An endpoint that may not be read is no failure as long as the other may.',
    )
    .option('--principal <name>', 'only this principal (repeatable)', collect);
  return withRowOptions(command)
    .addHelpText('after', '\nExamples:\n  rollcall sources\n  rollcall sources --principal ops-bot --csv')
    .action(async ({ principal, ...form }: SourcesOptions) => {
      const config = loadConfig();
      const read = await readSources({
        config,
        principals: selectPrincipals(config, principal),
        signal: terminal.signal,
        onRequest: (name, count) => terminal.progress(`${name}: request ${count}…`),
      });
      const all = read.map((one) => judgeSources(one, config.hold));
      print(terminal, all, form);
      const unread = all.filter((one) => !isAnyRead(one)).map((one) => one.principal);
      if (unread.length > 0)
        terminal.warn(`rollcall: Neither endpoint could be read for ${unread.join(', ')}.`);
      setStatus(unread.length === 0 ? 0 : 1);
    });
}

function print(terminal: Terminal, all: readonly SourcesTold[], { json = false, csv = false }: RowOptions) {
  if (json) printJson(terminal, sourcesToJson(all));
  else if (csv) {
    printCsv(terminal, tabulateDifferences(all));
    for (const told of all) warnOfUnread(terminal, told);
  } else for (const [index, told] of all.entries()) printForPeople(terminal, told, index === 0);
}

/** A CSV has rows of differences alone. */
function warnOfUnread(terminal: Terminal, told: SourcesTold): void {
  if (told.comparison === null) for (const line of describeReadings(told)) terminal.warn(line);
}

function printForPeople(terminal: Terminal, told: SourcesTold, isFirst: boolean): void {
  const results = wrapped(terminal);
  results.print(`${isFirst ? '' : '\n'}${describeReadings(told).join('\n')}`);
  const differences = tabulateDifferences([told]);
  if (differences.rows.length > 0) {
    terminal.print('');
    printRows(terminal, differences, {});
  }
  results.print(`\n${describeChangingOver(told).join('\n')}`);
}
