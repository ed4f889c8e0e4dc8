import { type AuditedHistory } from '../../domain/audit.ts';
import { type Table } from '../data.ts';
import { groupByMembership } from '../memberships.ts';
import { type Packer } from '../packer.ts';
import { stretchesOf } from '../timeline.ts';
import { byNameThenPrincipal, tableOf } from './table.ts';

/** What happened over time to every membership that there was in the period. */
export function composeTimelines(history: AuditedHistory, packer: Packer): Table {
  const names = history.principals.map(({ principal }) => principal);
  const stories = groupByMembership(history).sort(byNameThenPrincipal);
  return tableOf({ id: 'timelines', order: 'organization' }, stories, {
    organization: {
      heading: 'Organization',
      kind: 'organization',
      read: (story) => packer.organization(story),
    },
    principal: { heading: 'Principal', kind: 'text', read: ({ principal }) => packer.text(principal) },
    timeline: {
      heading: 'Timeline',
      kind: 'timeline',
      read: ({ principal, intervals }) =>
        packer.timeline({ principal: names.indexOf(principal), stretches: stretchesOf(intervals, packer) }),
    },
  });
}
