import { Command } from 'commander';
import { browseMemberships, browseOrganizations } from '../cloudflare/browse.ts';
import { type Client } from '../cloudflare/http/client.ts';
import { listMemberships, type MembershipParameters } from '../cloudflare/memberships.ts';
import { listOrganizations, type ListParameters } from '../cloudflare/organizations.ts';
import { comparedFields } from '../domain/compared-fields.ts';
import { columnOf, type Membership, membershipRow } from '../domain/membership.ts';
import { type RunSource } from '../domain/run.ts';
import { loadConfig } from '../config.ts';
import { requireTaken, wordsOf } from '../terminal/list-parameters.ts';
import { type Asking, connectOne } from '../terminal/one-principal.ts';
import { askedSourceOption, asPrincipalOption, oneOf, rowCount, wholeNumber } from '../terminal/options.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { printRows, type RowOptions, type Rows, withRowOptions } from '../terminal/rows.ts';
import { type Terminal } from '../terminal/terminal.ts';

type AnyParameters = ListParameters & MembershipParameters;

type ListOptions = RowOptions & Asking & AnyParameters;

/** `rollcall organizations list`: prints what the API lists now. Opens no database. */
export function organizationsListCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  const command = new Command('list')
    .description(
      "The API's list of the principal's organizations: all pages, unless --page is given. What the options take is what " +
        'the endpoint takes. An accepted membership is printed as member, a pending one as invited.',
    )
    .option('--name <name>', 'only organizations of this name')
    .addOption(oneOf('--status <status>', 'only those with this status', wordsOf('status')))
    .addOption(oneOf('--match <which>', 'whether name and status must both match', wordsOf('match')))
    .addOption(oneOf('--order <field>', 'what to order by', wordsOf('order')).default('id'))
    .addOption(oneOf('--direction <direction>', 'which way', wordsOf('direction')))
    .option('--page <number>', 'one page alone, from 1', rowCount)
    .option('--per-page <number>', 'organizations on a page, from 5 to 50', wholeNumber(5, 50))
    .addOption(askedSourceOption())
    .addOption(asPrincipalOption());
  return withRowOptions(command)
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall organizations list --status invited --order name' +
        '\n  rollcall organizations list --source memberships --status rejected',
    )
    .action(async ({ principal, source, json, csv, ...parameters }: ListOptions) => {
      const asking = { ...(principal === undefined ? {} : { principal }), ...(source && { source }) };
      const client = connectOne(loadConfig(), asking, terminal.signal);
      requireTaken(client.source, parameters);
      const listed = await list(client, parameters);
      const shown = { ...(json === undefined ? {} : { json }), ...(csv === undefined ? {} : { csv }) };
      printRows(terminal, tabulate(listed, client.source), shown);
    });
}

async function list(client: Client, parameters: AnyParameters): Promise<Membership[]> {
  const isOnePage = parameters.page !== undefined;
  if (client.source === 'memberships') {
    return isOnePage
      ? (await listMemberships(client, parameters)).memberships
      : browseMemberships(client, parameters);
  }
  return isOnePage
    ? (await listOrganizations(client, parameters)).memberships
    : browseOrganizations(client, parameters);
}

/** What the source tells, and as much of it as a table has room for. */
function tabulate(memberships: readonly Membership[], source: RunSource): Rows {
  const told = ['organizationId', ...comparedFields(source, source)].map(columnOf);
  const columns = told.map(nameColumn);
  const rows = memberships.map((membership) => {
    const row = membershipRow(membership);
    return Object.fromEntries(told.map((column) => [nameColumn(column), row[column] ?? null]));
  });
  return {
    rows,
    columns,
    table: ['id', 'name', 'status', 'roles', 'two_factor_enforced'].filter((name) => columns.includes(name)),
    dispensable: ['two_factor_enforced', 'id'],
    whenEmpty: 'No organizations.',
  };
}

/** As the API names them: `id` and `name` are the organization's. */
function nameColumn(column: string): string {
  return column.replace('organization_', '');
}
