import { type Change } from '../../domain/change.ts';
import { stepOf } from '../../domain/turn.ts';
import { type Table } from '../data.ts';
import { type Packer } from '../packer.ts';
import { tableOf, timeOf, wordOf } from './table.ts';

/** The changes of the period, newest first. */
export function composeChanges(changes: readonly Change[], packer: Packer): Table {
  return tableOf({ id: 'changes', order: '-seen' }, changes.toReversed(), {
    seen: { heading: 'Seen', kind: 'time', read: ({ notAfter }) => timeOf(notAfter) },
    after: { heading: 'Not before', kind: 'time', read: ({ notBefore }) => timeOf(notBefore) },
    organization: {
      heading: 'Organization',
      kind: 'organization',
      read: (change) => packer.organization(change),
    },
    principal: { heading: 'Principal', kind: 'text', read: ({ principal }) => packer.text(principal) },
    kind: { heading: 'Kind', kind: 'word', isChoice: true, read: ({ kind }) => packer.text(wordOf(kind)) },
    what: { heading: 'What', kind: 'lines', read: (change) => packer.set(describe(change)) },
    super: {
      heading: 'Super Administrator',
      kind: 'word',
      isChoice: true,
      read: ({ superAdministrator: step }) => packer.text(step === null ? null : wordOf(step)),
    },
    run: { heading: 'Run', kind: 'number', read: ({ runId }) => runId },
  });
}

/** What a change is beyond its kind, in lines: − before what went, + before what came. */
function describe(change: Change): string[] {
  const { kind, removed, added, offered } = change;
  const step = stepOf(change);
  return [
    ...(step === null ? [] : [`${step.before} → ${step.after}`]),
    ...removed.map((text) => `− ${text}`),
    ...added.map((text) => `+ ${text}`),
    ...(kind === 'invitation_accepted' ? [] : offered).map((text) => `offer: ${text}`),
    ...notesOn(change),
  ];
}

function notesOn({ returning, byUs, goneBecause, invitedBy, invitedOn, expiresOn }: Change): string[] {
  return [
    ...(returning ? ['was here before'] : []),
    ...(byUs ? ['we left it'] : []),
    ...(goneBecause === null ? [] : [goneBecause]),
    ...(invitedBy === null ? [] : [`invited by ${invitedBy}`]),
    ...(invitedOn === null ? [] : [`invited on ${formatDay(invitedOn)}`]),
    ...(expiresOn === null ? [] : [`expiry ${formatDay(expiresOn)}`]),
  ];
}

function formatDay(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
