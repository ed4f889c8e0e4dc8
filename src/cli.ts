#!/usr/bin/env node
import './cli/small-heap.ts';
import { readCommandLine } from './cli/program.ts';
import { createTerminal } from './terminal/terminal.ts';

const terminal = createTerminal();
process.exitCode = await readCommandLine(process.argv.slice(2), terminal);
terminal.close();
