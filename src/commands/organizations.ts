import { Command } from 'commander';
import { type Report } from './program.ts';
import { organizationsGetCommand } from './organizations-get.ts';
import { organizationsLeaveCommand } from './organizations-leave.ts';
import { organizationsListCommand } from './organizations-list.ts';
import { type Terminal } from './terminal.ts';

export function organizationsCommand(terminal: Terminal, report: Report): Command {
  return new Command('organizations')
    .description("Asks Cloudflare about a principal's organizations, or leaves one.")
    .addCommand(organizationsListCommand(terminal, report))
    .addCommand(organizationsGetCommand(terminal, report))
    .addCommand(organizationsLeaveCommand(terminal, report));
}
