import { type Change } from '../domain/change.ts';
import { stepOf } from '../domain/turn.ts';
import { superAdministratorWording } from '../report/wording.ts';
import { visible } from '../domain/visible.ts';

/** As much of a change as a line tells. */
export type ToldChange = Omit<
  Change,
  'id' | 'runId' | 'baselineRunId' | 'principal' | 'notBefore' | 'notAfter' | 'invitedOn' | 'expiresOn'
>;

/** One change on one line, for people. */
export function describeChange(change: ToldChange): string {
  const name = change.organizationName === null ? '' : `${visible(change.organizationName)} `;
  const details = describeDetails(change);
  return `${change.kind}  ${name}(${change.organizationId})${details === '' ? '' : `: ${details}`}`;
}

/** What a change is beyond its kind: what came and went, or from what to what, and what is known about it. */
export function describeDetails(change: ToldChange | undefined): string {
  if (change === undefined) return '';
  const { added, removed, offered, superAdministrator } = change;
  const step = stepOf(change);
  return [
    ...(step === null ? [] : [`${visible(step.before)} → ${visible(step.after)}`]),
    ...(superAdministrator === null ? [] : [superAdministratorWording[superAdministrator]]),
    ...removed.map((text) => `−${visible(text)}`),
    ...added.map((text) => `+${visible(text)}`),
    ...offered.map((text) => `offer: ${visible(text)}`),
    ...notesOn(change),
  ].join(', ');
}

function notesOn({ returning, byUs, goneBecause, invitedBy }: ToldChange): string[] {
  return [
    ...(returning ? ['was here before'] : []),
    ...(byUs ? ['we left it'] : []),
    ...(goneBecause === null ? [] : [goneBecause]),
    ...(invitedBy === null ? [] : [`invited by ${visible(invitedBy)}`]),
  ];
}
