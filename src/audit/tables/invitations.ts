import { type AuditedHistory } from '../../domain/audit.ts';
import { type Table } from '../data.ts';
import {
  currentIntervals,
  findTenures,
  groupByMembership,
  membershipKey,
  toldAccess,
} from '../memberships.ts';
import { type Packer } from '../packer.ts';
import { byNameThenPrincipal, tableOf, timeOf } from './table.ts';

const dayMs = 86_400_000;

/** The invitations that are pending at the end of the period, the oldest first. */
export function composeInvitations(history: AuditedHistory, packer: Packer, end: Date): Table {
  const current = new Set(currentIntervals(history));
  const sent = new Map(history.invitations.map((invitation) => [membershipKey(invitation), invitation]));
  const pending = groupByMembership(history)
    .flatMap((story) => {
      const tenure = findTenures(story, 'invited').at(-1);
      if (tenure === undefined || !current.has(tenure.last)) return [];
      return [
        { ...tenure.last, seen: tenure.first.from, invitation: sent.get(membershipKey(story)) ?? null },
      ];
    })
    .sort((left, right) => left.seen.getTime() - right.seen.getTime() || byNameThenPrincipal(left, right));
  return tableOf({ id: 'invitations', order: 'seen' }, pending, {
    organization: { heading: 'Organization', kind: 'organization', read: (one) => packer.organization(one) },
    principal: { heading: 'Principal', kind: 'text', read: ({ principal }) => packer.text(principal) },
    offered: {
      heading: 'Roles offered',
      kind: 'lines',
      read: (one) => packer.set(toldAccess(one)),
    },
    seen: { heading: 'First seen', kind: 'time', read: ({ seen }) => timeOf(seen) },
    days: {
      heading: 'Days',
      kind: 'number',
      read: ({ seen, invitation }) =>
        Math.max(0, Math.floor((end.getTime() - (invitation?.invitedOn ?? seen).getTime()) / dayMs)),
    },
    by: {
      heading: 'Invited by',
      kind: 'text',
      read: ({ invitation }) => packer.text(invitation?.invitedBy ?? null),
    },
    on: {
      heading: 'Invited on',
      kind: 'time',
      read: ({ invitation }) => timeOf(invitation?.invitedOn ?? null),
    },
    expires: {
      heading: 'Expires',
      kind: 'time',
      read: ({ invitation }) => timeOf(invitation?.expiresOn ?? null),
    },
  });
}
