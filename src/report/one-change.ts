import { type SuperAdministratorStep } from '../domain/access.ts';
import { type Change, type ChangeKind } from '../domain/change.ts';
import { inert } from '../domain/inert.ts';
import { noParent } from '../domain/parent-organization.ts';
import { nameParent } from '../domain/turn.ts';

/** What happened to Super Administrator, as a sentence. */
export const stepsOfOne: Readonly<
  Record<SuperAdministratorStep, (principal: string, name: string) => string>
> = {
  gained: (principal, name) => `${principal} is now Super Administrator of ${name}.`,
  lost: (principal, name) => `${principal} is no longer Super Administrator of ${name}.`,
  offered: (principal, name) => `${principal} is offered Super Administrator of ${name}.`,
  offer_gone: (principal, name) => `${principal} is no longer offered Super Administrator of ${name}.`,
};

/** A change by itself, as a part of a subject. */
export const clausesOfOne: Readonly<
  Record<ChangeKind, (name: string, change: Change, longest: number) => string>
> = {
  left: (name) => `left ${name}`,
  invitation_replaced_membership: (name) => `membership of ${name} replaced by an invitation`,
  status_changed: (name, { after }) => `status in ${name} is now ${inert(after ?? 'unknown', 30)}`,
  roles_changed: (name) => `roles changed in ${name}`,
  permissions_changed: (name) => `permissions changed in ${name}`,
  policies_changed: (name) => `policies changed in ${name}`,
  two_factor_changed: (name, { after }) =>
    `two factors ${after === 'true' ? 'enforced now' : 'no longer enforced'} in ${name}`,
  api_access_changed: (name, { after }) =>
    `access by API turned ${after === 'true' ? 'on' : 'off'} in ${name}`,
  parent_changed: (name, { after }, longest) =>
    after === noParent ? `${name} has no parent any more` : `${name} now under ${nameParent(after, longest)}`,
  joined: (name) => `joined ${name}`,
  invitation_accepted: (name) => `invitation to ${name} accepted`,
  invited: (name) => `invited to ${name}`,
  invitation_changed: (name) => `invitation to ${name} changed`,
  invitation_gone: (name) => `invitation to ${name} gone`,
  renamed: (name, { before }, longest) => `${inert(before ?? 'unknown', longest)} renamed to ${name}`,
};

/** A change by itself, as a sentence. */
export const sentencesOfOne: Readonly<
  Record<ChangeKind, (principal: string, name: string, change: Change) => string>
> = {
  left: (principal, name) => `${principal} is no longer a member of ${name}.`,
  invitation_replaced_membership: (principal, name) =>
    `${principal} is no longer a member of ${name}, and is invited to it.`,
  status_changed: (principal, name, { before, after }) =>
    `The status of ${principal} in ${name} went from ${inert(before ?? 'unknown', 60)} to ${inert(after ?? 'unknown', 60)}.`,
  roles_changed: (principal, name, { added, removed }) =>
    added.length + removed.length === 0
      ? `Other roles are listed for ${principal} in ${name}, which give no access.`
      : `${principal} has other roles in ${name}.`,
  permissions_changed: (principal, name) => `${principal} has other permissions in ${name}.`,
  policies_changed: (principal, name) => `${principal} has other policies in ${name}.`,
  two_factor_changed: (_principal, name, { after }) =>
    `Two factors are ${after === 'true' ? 'enforced now' : 'no longer enforced'} in ${name}.`,
  api_access_changed: (principal, name, { after }) =>
    `${principal} may ${after === 'true' ? 'now' : 'no longer'} use the API in ${name}.`,
  parent_changed: (_principal, name, { before, after }) => {
    if (after === noParent)
      return `${name} has no parent organization any more; it was ${nameParent(before)}.`;
    const was = before === noParent ? 'there was none before' : `before, it was ${nameParent(before)}`;
    return `The parent organization of ${name} is ${nameParent(after)} now; ${was}.`;
  },
  joined: (principal, name) => `${principal} is now a member of ${name}.`,
  invitation_accepted: (principal, name) =>
    `${principal} accepted the invitation to ${name} and is a member now.`,
  invited: (principal, name) => `${principal} is invited to ${name}.`,
  invitation_changed: (principal, name) => `The invitation of ${principal} to ${name} offers something else.`,
  invitation_gone: (principal, name) => `The invitation of ${principal} to ${name} is gone.`,
  renamed: (_principal, name, { before }) => `${inert(before ?? 'unknown', 60)} is called ${name} now.`,
};
