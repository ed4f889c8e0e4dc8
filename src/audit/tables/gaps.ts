import { type AuditedHistory } from '../../domain/audit.ts';
import { type Gap } from '../../domain/gap.ts';
import { type Table } from '../data.ts';
import { type Packer } from '../packer.ts';
import { second } from '../words.ts';
import { tableOf, timeOf, wordOf } from './table.ts';

/** What was not observed, newest first. */
export function composeGaps({ gaps, runs }: AuditedHistory, packer: Packer): Table {
  const errors = new Map(runs.map(({ id, error }) => [id, error]));
  return tableOf({ id: 'gaps', order: '-from' }, gaps.toReversed(), {
    principal: { heading: 'Principal', kind: 'text', read: ({ principal }) => packer.text(principal) },
    from: { heading: 'Not observed from', kind: 'time', read: ({ from }) => timeOf(from) },
    to: { heading: 'To', kind: 'time', none: 'still', read: ({ to }) => timeOf(to) },
    runs: { heading: 'Runs that saw nothing', kind: 'number', read: ({ shortRuns }) => shortRuns.length },
    why: { heading: 'Why', kind: 'lines', read: (gap) => packer.set(describe(gap, errors)) },
  });
}

/** Each reason once, the newest first. */
function describe({ shortRuns, retiredAt }: Gap, errors: ReadonlyMap<number, string | null>): string[] {
  const reasons = shortRuns.toReversed().map(({ id, state }) => {
    const error = errors.get(id) ?? null;
    return error === null ? wordOf(state) : `${wordOf(state)}: ${error}`;
  });
  const retired = retiredAt === null ? [] : [`retired since ${second(retiredAt)}: nobody is to observe it`];
  const all = [...retired, ...new Set(reasons)];
  return all.length === 0 ? ['no run was begun'] : all;
}
