#!/usr/bin/env node
import './cli/small-heap.ts';
import { readCommandLine } from './cli/program.ts';
import { createTerminal } from './terminal/terminal.ts';

const terminal = createTerminal();
const status = await readCommandLine(process.argv.slice(2), terminal);
const isTold = await terminal.close();
process.exitCode = status === 0 && !isTold ? 1 : status;
