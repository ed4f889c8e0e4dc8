import { once } from 'node:events';
import { Command } from 'commander';
import { systemNow } from '../context/clock.ts';
import { faultHelp, parseFault } from '../simulator/fault-names.ts';
import { startSimulator } from '../simulator/server.ts';
import { createWorld } from '../simulator/world.ts';
import { collect, wholeNumber } from '../terminal/options.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { type Terminal } from '../terminal/terminal.ts';

interface SimulateOptions {
  port: number;
  organizations: number;
  principals: number;
  latencyMs: number;
  seed: number;
  fault?: string[];
}

/**
 * `rollcall simulate`: serves the simulator until SIGINT or SIGTERM, and prints the variables that lead rollcall to
 * it.
 */
export function simulateCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  const anyNumber = wholeNumber(0, Number.MAX_SAFE_INTEGER);
  return new Command('simulate')
    .description("Serves a stand-in for Cloudflare's API on this machine, until it is interrupted.")
    .option('--port <port>', 'port on loopback; 0 takes a free one', wholeNumber(0, 65_535), 8787)
    .option('--organizations <number>', 'memberships of each principal', anyNumber, 120)
    .option('--principals <number>', 'how many principals', wholeNumber(1, 10_000), 1)
    .option('--latency-ms <ms>', 'milliseconds before each answer', anyNumber, 0)
    .option('--seed <number>', 'the same seed makes the same world', anyNumber, 1)
    .option('--fault <fault>', 'something that goes wrong (repeatable); see below', collect)
    .addHelpText(
      'after',
      `\n${faultHelp}\n\nExample:\n  rollcall simulate --organizations 2000 --fault html@2x3`,
    )
    .action(async ({ port, organizations, principals, latencyMs, seed, fault = [] }: SimulateOptions) => {
      const faults = fault.map(parseFault);
      const world = createWorld({ seed, organizations, principals, now: systemNow });
      const simulator = await startSimulator({ world, port, latencyMs });
      try {
        for (const rule of faults) simulator.faults.add(rule);
        const [first] = world.principals;
        terminal.print(`export CLOUDFLARE_BASE_URL=${simulator.url}`);
        terminal.print(`export CLOUDFLARE_API_TOKEN=${first?.apiToken ?? ''}`);
        terminal.warn(
          `Serving ${world.principals.length} principals; all credentials: curl ${simulator.controlUrl}`,
        );
        if (!terminal.signal.aborted) await once(terminal.signal, 'abort');
      } finally {
        await simulator.close();
      }
    });
}
