import { Command, Option } from 'commander';
import { loadConfig } from '../config.ts';
import { withDatabase } from '../context/database.ts';
import { type ChangeKind, changeKinds } from '../domain/change.ts';
import { type ChangeFilter, listChanges } from '../history/changes.ts';
import { describeDetails } from '../terminal/change-line.ts';
import { changeColumnNames, changeRow } from '../report/columns.ts';
import { instant, principalOption } from '../terminal/options.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { printRows, type RowOptions, withRowOptions } from '../terminal/rows.ts';
import { type Terminal } from '../terminal/terminal.ts';

interface ChangesOptions extends RowOptions {
  since?: Date;
  until?: Date;
  principal?: string;
  organization?: string;
  kind?: ChangeKind;
}

/** `rollcall changes`: prints changes, oldest first. */
export function changesCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  const command = new Command('changes')
    .description('Prints what changed, oldest first.')
    .option('--since <time>', 'first seen at or after this time: ISO 8601, or an age such as 30d', instant)
    .option('--until <time>', 'first seen before this time', instant)
    .addOption(principalOption())
    .option('--organization <id>', 'only this organization')
    .addOption(new Option('--kind <kind>', 'only this kind').choices(changeKinds));
  return withRowOptions(command)
    .addHelpText('after', '\nExample:\n  rollcall changes --since 30d --kind left --csv > left.csv')
    .action(async (options: ChangesOptions) => {
      await withDatabase(loadConfig(), async ({ db }) => {
        const found = await listChanges(db, filterOf(options));
        const rows = found.map(changeRow);
        const table = {
          rows,
          columns: changeColumnNames,
          table: ['not_after', 'principal', 'kind', 'organization_name'],
          dispensable: ['principal'],
          whole: ['kind'],
          headings: { not_after: 'seen', organization_name: 'organization' },
          note: (index: number) => describeDetails(found[index]),
          whenEmpty: 'No changes.',
        };
        printRows(terminal, table, options);
      });
    });
}

function filterOf({ organization, since, until, principal, kind }: ChangesOptions): ChangeFilter {
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(principal === undefined ? {} : { principal }),
    ...(organization === undefined ? {} : { organizationId: organization }),
    ...(kind === undefined ? {} : { kind }),
  };
}
