import { type AuditedRun } from '../../domain/audit.ts';
import { type Table } from '../data.ts';
import { type Packer } from '../packer.ts';
import { tableOf, timeOf, wordOf } from './table.ts';

/** The runs of the period, newest first. */
export function composeRuns(runs: readonly AuditedRun[], packer: Packer): Table {
  return tableOf({ id: 'runs', order: '-run' }, runs.toReversed(), {
    run: { heading: 'Run', kind: 'number', read: ({ id }) => id },
    principal: { heading: 'Principal', kind: 'text', read: ({ principal }) => packer.text(principal) },
    started: { heading: 'Started', kind: 'time', read: ({ startedAt }) => timeOf(startedAt) },
    state: {
      heading: 'State',
      kind: 'word',
      isChoice: true,
      read: ({ state }) => packer.text(wordOf(state)),
    },
    trigger: {
      heading: 'Trigger',
      kind: 'word',
      isChoice: true,
      read: ({ trigger }) => packer.text(wordOf(trigger)),
    },
    source: { heading: 'Source', kind: 'word', isChoice: true, read: ({ source }) => packer.text(source) },
    memberships: { heading: 'Memberships', kind: 'number', read: ({ organizations }) => organizations ?? -1 },
    changes: { heading: 'Changes', kind: 'number', read: ({ changes }) => changes ?? -1 },
    why: {
      heading: 'What it rests on, and its chain',
      kind: 'lines',
      read: (run) => packer.set(describe(run)),
    },
  });
}

function describe({ error, conclusion, chain }: AuditedRun): string[] {
  return [error, conclusion, chain].filter((line) => line !== null);
}
