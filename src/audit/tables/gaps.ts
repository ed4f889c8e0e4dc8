import { type AuditedHistory, type AuditedRun } from '../../domain/audit.ts';
import { findGaps, type Gap } from '../../domain/gaps.ts';
import { type Table } from '../data.ts';
import { type Packer } from '../packer.ts';
import { tableOf, timeOf, wordOf } from './table.ts';

/** A gap, and whose it is. */
export interface OwnGap extends Gap<AuditedRun> {
  principal: string;
}

/** What was not observed of each principal, in the order of time. */
export function listGaps({ principals, runs }: AuditedHistory, end: Date): OwnGap[] {
  const byPrincipal = Map.groupBy(runs, ({ principal }) => principal);
  return principals
    .flatMap(({ principal, retiredAt }) =>
      findGaps(byPrincipal.get(principal) ?? [], retiredAt ?? end).map((gap) => ({ principal, ...gap })),
    )
    .sort((left, right) => left.from.getTime() - right.from.getTime());
}

/** What was not observed, newest first. */
export function composeGaps(gaps: readonly OwnGap[], packer: Packer): Table {
  return tableOf({ id: 'gaps', order: '-from' }, gaps.toReversed(), {
    principal: { heading: 'Principal', kind: 'text', read: ({ principal }) => packer.text(principal) },
    from: { heading: 'Not observed from', kind: 'time', read: ({ from }) => timeOf(from) },
    to: { heading: 'To', kind: 'time', none: 'still', read: ({ to }) => timeOf(to) },
    runs: { heading: 'Runs that saw nothing', kind: 'number', read: ({ runs }) => runs.length },
    why: { heading: 'Why', kind: 'lines', read: ({ runs }) => packer.set(describe(runs)) },
  });
}

/** Each reason once, the newest first. */
function describe(runs: readonly AuditedRun[]): string[] {
  if (runs.length === 0) return ['no run was begun'];
  return [
    ...new Set(
      runs.toReversed().map(({ state, error }) => `${wordOf(state)}${error === null ? '' : `: ${error}`}`),
    ),
  ];
}
