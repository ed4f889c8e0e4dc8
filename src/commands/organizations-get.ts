import { Command } from 'commander';
import { getOrganization } from '../cloudflare/organizations.ts';
import { loadConfig } from '../config.ts';
import { connectOne } from '../terminal/one-principal.ts';
import { asPrincipalOption } from '../terminal/options.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { printJson } from '../terminal/json.ts';
import { type Terminal } from '../terminal/terminal.ts';

/** `rollcall organizations get ID`: prints the API's details of one organization as JSON. Opens no database. */
export function organizationsGetCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('get')
    .description("The API's details of one organization, as JSON.")
    .argument('<id>', 'the organization id')
    .addOption(asPrincipalOption())
    .option('--json', 'changes nothing: it is JSON in any case')
    .addHelpText('after', '\nExample:\n  rollcall organizations get 023e105f4ecef8ad9ca31a8372d0c353')
    .action(async (organizationId: string, { principal }: { principal?: string }) => {
      const client = connectOne(loadConfig(), principal, terminal.signal);
      printJson(terminal, await getOrganization(client, organizationId));
    });
}
