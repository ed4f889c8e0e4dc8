#!/usr/bin/env node
import { readCommandLine } from './commands/program.ts';
import { createTerminal } from './commands/terminal.ts';

const terminal = createTerminal();
process.exitCode = await readCommandLine(process.argv.slice(2), terminal);
terminal.close();
