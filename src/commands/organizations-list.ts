import { Command } from 'commander';
import { browseOrganizations } from '../cloudflare/browse.ts';
import { listOrganizations, type ListParameters } from '../cloudflare/organizations.ts';
import { membershipColumns, membershipRow } from '../domain/membership.ts';
import { loadConfig } from '../config.ts';
import { connectOne } from '../terminal/one-principal.ts';
import { asPrincipalOption, oneOf, rowCount, wholeNumber } from '../terminal/options.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { printRows, type RowOptions, withRowOptions } from '../terminal/rows.ts';
import { type Terminal } from '../terminal/terminal.ts';

interface ListOptions extends RowOptions, ListParameters {
  principal?: string;
}

/** As the API names them. */
const columns = membershipColumns.map((column) => column.replace('organization_', ''));

/** `rollcall organizations list`: prints what the API lists now. Opens no database. */
export function organizationsListCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  const command = new Command('list')
    .description("The API's list of the principal's organizations: all pages, unless --page is given.")
    .option('--name <name>', 'only organizations of this name')
    .addOption(oneOf('--status <status>', 'only those with this status', ['member', 'invited']))
    .addOption(oneOf('--match <which>', 'whether name and status must both match', ['all', 'any']))
    .addOption(oneOf('--order <field>', 'what to order by', ['id', 'name', 'status']).default('id'))
    .addOption(oneOf('--direction <direction>', 'which way', ['asc', 'desc']))
    .option('--page <number>', 'one page alone, from 1', rowCount)
    .option('--per-page <number>', 'organizations on a page, from 5 to 50', wholeNumber(5, 50))
    .addOption(asPrincipalOption());
  return withRowOptions(command)
    .addHelpText('after', '\nExample:\n  rollcall organizations list --status invited --order name')
    .action(async ({ principal, json, csv, ...parameters }: ListOptions) => {
      const client = connectOne(loadConfig(), principal, terminal.signal);
      const memberships =
        parameters.page === undefined
          ? await browseOrganizations(client, parameters)
          : (await listOrganizations(client, parameters)).memberships;
      const rows = memberships.map((membership) => {
        const row = Object.entries(membershipRow(membership));
        return Object.fromEntries(row.map(([column, value]) => [column.replace('organization_', ''), value]));
      });
      const table = ['id', 'name', 'status', 'roles'];
      const shown = { ...(json === undefined ? {} : { json }), ...(csv === undefined ? {} : { csv }) };
      const dispensable = ['id'];
      printRows(terminal, { rows, columns, table, dispensable, whenEmpty: 'No organizations.' }, shown);
    });
}
