import { Command } from 'commander';
import { type SetStatus } from '../terminal/exit-status.ts';
import { organizationsGetCommand } from './organizations-get.ts';
import { organizationsLeaveCommand } from './organizations-leave.ts';
import { organizationsListCommand } from './organizations-list.ts';
import { type Terminal } from '../terminal/terminal.ts';

/** `rollcall organizations`: does nothing itself; `list`, `get` and `leave` are below it. */
export function organizationsCommand(terminal: Terminal, setStatus: SetStatus): Command {
  return new Command('organizations')
    .description("Asks Cloudflare about a principal's organizations, or leaves one.")
    .addHelpText('after', '\nExample:\n  rollcall organizations list --status invited')
    .addCommand(organizationsListCommand(terminal, setStatus))
    .addCommand(organizationsGetCommand(terminal, setStatus))
    .addCommand(organizationsLeaveCommand(terminal, setStatus));
}
