import { Command } from 'commander';
import { type Config, loadConfig } from '../config.ts';
import { systemNow } from '../context/clock.ts';
import { withDatabase } from '../context/database.ts';
import { type Change, type ChangeKind, changeKinds } from '../domain/change.ts';
import { type Database } from '../database/database.ts';
import { type ChangeFilter, listChanges } from '../history/changes.ts';
import { listGaps } from '../history/gaps.ts';
import { describeDetails } from '../terminal/change-line.ts';
import { changeColumnNames, changeRow } from '../report/columns.ts';
import { warnOfGaps } from '../terminal/gap-line.ts';
import { instant, oneOf, principalOption, requirePeriod, rowCount } from '../terminal/options.ts';
import { findPrincipalMeant } from '../terminal/principal-meant.ts';
import { findThoseMeant, organizationOption } from '../terminal/organizations-meant.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { printRows, type RowOptions, withRowOptions } from '../terminal/rows.ts';
import { type Terminal } from '../terminal/terminal.ts';

interface ChangesOptions extends RowOptions {
  since?: Date;
  until?: Date;
  principal?: string;
  organization?: string;
  kind?: ChangeKind;
  limit?: number;
}

/** `rollcall changes`: prints changes, oldest first. */
export function changesCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  const command = new Command('changes')
    .description('Prints what changed, oldest first.')
    .option('--since <time>', 'first seen at or after this time: ISO 8601, or an age such as 30d', instant)
    .option('--until <time>', 'first seen before this time', instant)
    .addOption(principalOption())
    .addOption(organizationOption())
    .addOption(oneOf('--kind <kind>', 'only this kind', changeKinds))
    .option('--limit <number>', 'how many at most: the newest', rowCount);
  return withRowOptions(command)
    .addHelpText('after', '\nExample:\n  rollcall changes --since 30d --kind left --csv > left.csv')
    .action(async (options: ChangesOptions) => {
      requirePeriod(options);
      const config = loadConfig();
      await withDatabase(config, async ({ db }) => {
        const found = await listChanges(db, await readFilter(terminal, { db, config }, options));
        const rows = found.map(changeRow);
        const table = {
          rows,
          columns: changeColumnNames,
          table: ['not_after', 'principal', 'kind', 'organization_name'],
          dispensable: ['principal'],
          whole: ['kind'],
          headings: { not_after: 'seen', organization_name: 'organization' },
          note: (index: number) => describeDetails(found[index]),
          whenEmpty: describeNone(options),
        };
        printRows(terminal, table, options);
        await warnOfMissed(terminal, db, { ...options, found });
      });
    });
}

async function readFilter(
  terminal: Terminal,
  { db, config }: { db: Database; config: Config },
  { organization, since, until, principal, kind, limit }: ChangesOptions,
): Promise<ChangeFilter> {
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(await findPrincipalMeant(db, config, principal)),
    ...(await findThoseMeant(terminal, db, organization)),
    ...(kind === undefined ? {} : { kind }),
    ...(limit === undefined ? {} : { limit }),
  };
}

/** Says when in the period that the answer covers somebody was not observed. */
async function warnOfMissed(
  terminal: Terminal,
  db: Database,
  { principal, since, until, limit, found }: ChangesOptions & { found: readonly Change[] },
): Promise<void> {
  const oldest = found.length === limit ? found[0]?.notBefore : undefined;
  const begin = oldest ?? since;
  const filter = {
    ...(principal === undefined ? {} : { principals: [principal] }),
    ...(begin === undefined ? {} : { since: begin }),
    ...(until === undefined ? {} : { until }),
  };
  const gaps = await listGaps(db, filter, systemNow());
  warnOfGaps(
    terminal,
    gaps.filter(({ retiredAt }) => retiredAt === null),
    '',
  );
}

function describeNone({ kind, principal, organization, since, until }: ChangesOptions): string {
  const conditions = [
    ...(kind === undefined ? [] : [` of kind ${kind}`]),
    ...(principal === undefined ? [] : [` of ${principal}`]),
    ...(organization === undefined ? [] : [` in ${organization}`]),
    ...(since === undefined ? [] : [` since ${since.toISOString()}`]),
    ...(until === undefined ? [] : [` before ${until.toISOString()}`]),
  ];
  return `No changes${conditions.join('')}.`;
}
