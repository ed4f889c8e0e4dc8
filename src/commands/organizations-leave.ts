import { Command } from 'commander';
import { findWayOut } from '../cloudflare/by-organization.ts';
import { loadConfig } from '../config.ts';
import { systemNow } from '../context/clock.ts';
import { withDatabase } from '../context/database.ts';
import { RollcallError } from '../domain/errors.ts';
import { visible } from '../domain/visible.ts';
import { type Departure, recordDeparture, settleDeparture } from '../snapshot/departures.ts';
import { type Asking, connectOne } from '../terminal/one-principal.ts';
import { askedSourceOption, asPrincipalOption } from '../terminal/options.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { type Terminal } from '../terminal/terminal.ts';

/**
 * `rollcall organizations leave ID`: leaves an organization. The departure is recorded before it is asked for, so that
 * it counts as ours even if the answer is lost.
 */
export function organizationsLeaveCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('leave')
    .description(
      'Leaves one organization. It is recorded, and the next report says that the departure was ours.',
    )
    .argument('<id>', 'the organization id')
    .option('--yes', "do not ask for the organization's name to be typed")
    .addOption(askedSourceOption())
    .addOption(asPrincipalOption())
    .addHelpText('after', '\nExample:\n  rollcall organizations leave 023e105f4ecef8ad9ca31a8372d0c353')
    .action(async (asked: string, { yes = false, ...asking }: Asking & { yes?: boolean }) => {
      const config = loadConfig();
      const client = connectOne(config, asking, terminal.signal);
      await withDatabase(config, async ({ db }) => {
        const { organizationId, organizationName, leave } = await findWayOut(client, asked);
        const departure = { principal: client.principal, organizationId, organizationName };
        if (!yes) await confirm(terminal, departure);
        const id = await recordDeparture(db, departure, systemNow());
        try {
          await leave();
        } catch (error) {
          if (isRefusal(error)) await settleDeparture(db, id, 'refused');
          throw error;
        }
        await settleDeparture(db, id, 'left');
        terminal.print(
          `${client.principal} left ${nameOf(departure)} (${organizationId}). The next report will say so.`,
        );
      });
    });
}

async function confirm(terminal: Terminal, departure: Departure): Promise<void> {
  const expected = nameOf(departure);
  const typed = await terminal.ask(
    `${departure.principal} is about to leave ${expected} (${departure.organizationId}). ` +
      'Only the organization can let it back in.\nType the name of the organization to go ahead: ',
  );
  if (typed.trim() !== expected.trim()) {
    throw new RollcallError('usage', 'That is not its name: nothing was done.');
  }
}

/** The name as it can be typed, or the id of one without a name. */
function nameOf({ organizationName, organizationId }: Departure): string {
  return organizationName === null ? organizationId : visible(organizationName);
}

/** Whether the API certainly did not do it. An answer that got lost may have been a yes. */
function isRefusal(error: unknown): boolean {
  return error instanceof RollcallError && error.code !== 'unavailable' && error.code !== 'stopped';
}
