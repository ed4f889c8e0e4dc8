#!/usr/bin/env -S node --
import path from 'node:path';
import { hasFreshBundle } from './sources.js';

// The bundle starts in a fraction of the time and the memory; an old one would be another version.
const entry = hasFreshBundle(path.join(import.meta.dirname, '..')) ? '../dist/cli.js' : '../src/cli.ts';
await import(entry);
