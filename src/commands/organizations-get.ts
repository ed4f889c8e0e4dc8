import { Command } from 'commander';
import { readOrganization } from '../cloudflare/by-organization.ts';
import { loadConfig } from '../config.ts';
import { type Asking, connectOne } from '../terminal/one-principal.ts';
import { askedSourceOption, asPrincipalOption } from '../terminal/options.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { printJson } from '../terminal/json.ts';
import { type Terminal } from '../terminal/terminal.ts';

/** `rollcall organizations get ID`: prints the API's details of one organization as JSON. Opens no database. */
export function organizationsGetCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('get')
    .description("The API's details of one organization, as JSON.")
    .argument('<id>', 'the organization id')
    .addOption(askedSourceOption())
    .addOption(asPrincipalOption())
    .option('--json', 'changes nothing: it is JSON in any case')
    .addHelpText('after', '\nExample:\n  rollcall organizations get 023e105f4ecef8ad9ca31a8372d0c353')
    .action(async (organizationId: string, { json: _, ...asking }: Asking & { json?: boolean }) => {
      const client = connectOne(loadConfig(), asking, terminal.signal);
      printJson(terminal, await readOrganization(client, organizationId));
    });
}
