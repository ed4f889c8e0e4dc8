import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { withDatabase } from '../context/database.ts';
import { type ComparedRuns, type CompleteRun, findRunsToCompare } from '../history/compared-runs.ts';
import { diffRuns } from '../history/diff.ts';
import { changeColumnNames, changeRow } from '../report/columns.ts';
import { describeDetails } from '../terminal/change-line.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { runNumber } from '../terminal/options.ts';
import { printRows, type RowOptions, withRowOptions } from '../terminal/rows.ts';
import { type Terminal } from '../terminal/terminal.ts';

/** `rollcall diff RUN RUN`: prints what differs between the snapshots of two complete runs of one principal. */
export function diffCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  const command = new Command('diff')
    .description(
      'Prints what differs between two complete runs of one principal, from the first to the second, by the columns of ' +
        '`rollcall changes`.',
    )
    .argument('<run>', 'the run to begin with, as `rollcall runs` tells it', runNumber)
    .argument('<other>', 'the run to compare it with; an older one tells it backwards', runNumber);
  return withRowOptions(command)
    .addHelpText('after', '\nExamples:\n  rollcall diff 7 31\n  rollcall diff 7 31 --csv > quarter.csv')
    .action(async (from: number, to: number, options: RowOptions) => {
      await withDatabase(loadConfig(), async ({ db }) => {
        const compared = await findRunsToCompare(db, from, to);
        const found = await diffRuns(db, compared);
        warnOfSources(terminal, compared);
        const layout = {
          columns: changeColumnNames,
          table: ['kind', 'organization_name', 'organization_id'],
          dispensable: ['organization_id'],
          whole: ['kind'],
          headings: { organization_name: 'organization', organization_id: 'id' },
        };
        const note = (index: number) => describeDetails(found[index]);
        printRows(
          terminal,
          { rows: found.map(changeRow), ...layout, note, whenEmpty: describeNone(compared) },
          options,
        );
      });
    });
}

/** Says what is not compared. */
function warnOfSources(terminal: Terminal, { from, to }: ComparedRuns): void {
  if (from.source === to.source) return;
  const read = ({ id, source }: CompleteRun) => `run ${id} was read from ${source}`;
  terminal.warn(`Compared by name, status and roles alone: ${read(from)}, ${read(to)}.`);
}

function describeNone({ principal, from, to }: ComparedRuns): string {
  const [first, second] = [from, to].map(
    ({ id, finishedAt }) => `run ${id} (complete ${finishedAt.toISOString()})`,
  );
  return from.id === to.id
    ? `Nothing differs: both are ${first} of ${principal}.`
    : `Nothing differs between ${first} and ${second} of ${principal}.`;
}
