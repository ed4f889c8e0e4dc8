import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { withDatabase } from '../context/database.ts';
import { membershipColumns, membershipRow } from '../domain/membership.ts';
import { listMembers } from '../history/members.ts';
import { instant, principalOption } from '../terminal/options.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { printRows, type RowOptions, withRowOptions } from '../terminal/rows.ts';
import { type Terminal } from '../terminal/terminal.ts';

interface MembersOptions extends RowOptions {
  at?: Date;
  organization?: string;
  principal?: string;
}

const columns = ['principal', ...membershipColumns, 'since', 'seen_at'];

/** `rollcall members`: prints the current memberships, or with `--at` those known at that time. */
export function membersCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  const command = new Command('members')
    .description('Prints the current memberships, or those of another time.')
    .option('--at <time>', 'as they were known at this time: ISO 8601, or an age such as 30d', instant)
    .option('--organization <id>', 'only in this organization')
    .addOption(principalOption());
  return withRowOptions(command)
    .addHelpText('after', '\nExample:\n  rollcall members --at 2026-03-31T23:59:59Z --csv > march.csv')
    .action(async (options: MembersOptions) => {
      const { at, organization, principal } = options;
      await withDatabase(loadConfig(), async ({ db }) => {
        const found = await listMembers(db, {
          ...(at === undefined ? {} : { at }),
          ...(organization === undefined ? {} : { organizationId: organization }),
          ...(principal === undefined ? {} : { principal }),
        });
        const rows = found.map(({ principal: name, since, seenAt, ...membership }) => ({
          principal: name,
          ...membershipRow(membership),
          since,
          seen_at: seenAt,
        }));
        const table = ['principal', 'organization_name', 'organization_id', 'status', 'roles', 'since'];
        const dispensable = ['since', 'organization_id'];
        printRows(terminal, { rows, columns, table, dispensable, whenEmpty: 'No memberships.' }, options);
      });
    });
}
