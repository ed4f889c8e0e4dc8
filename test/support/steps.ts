import { type Difference } from '../../src/domain/change.ts';

export const superAdministrator = 'Super Administrator - All Privileges';

/** What is told of a step, in the terms of a change. */
export type Told = Pick<Difference, 'kind' | 'added' | 'removed' | 'offered' | 'superAdministrator'>;

/** `kind; +added; -removed; ?offered; step`: roles by their first letter. */
export function write({ kind, added, removed, offered, superAdministrator: step }: Told): string {
  const letters = (roles: readonly string[]) => roles.map((role) => role.slice(0, 1)).join('');
  return [kind, `+${letters(added)}`, `-${letters(removed)}`, `?${letters(offered)}`, step ?? '']
    .join(' ')
    .trim();
}

/** Every step between absent, invited, member and a status that this version does not know, with the role and without. */
export const steps: Record<string, string> = {
  'absent > member': 'joined +B - ?',
  'absent > member*': 'joined +BS - ? gained',
  'absent > invited': 'invited + - ?B',
  'absent > invited*': 'invited + - ?BS offered',
  'absent > suspended': 'status_changed + - ?',
  'absent > suspended*': 'status_changed + - ?',
  'member > absent': 'left + -B ?',
  'member* > absent': 'left + -BS ? lost',
  'invited > absent': 'invitation_gone + - ?B',
  'invited* > absent': 'invitation_gone + - ?BS offer_gone',
  'suspended > absent': 'status_changed + - ?',
  'suspended* > absent': 'status_changed + - ?',
  'invited > member': 'invitation_accepted +B - ?B',
  'invited > member*': 'invitation_accepted +BS - ?B gained',
  'invited* > member': 'invitation_accepted +B - ?BS',
  'invited* > member*': 'invitation_accepted +BS - ?BS gained',
  'member > invited': 'invitation_replaced_membership + -B ?B',
  'member > invited*': 'invitation_replaced_membership + -B ?BS offered',
  'member* > invited': 'invitation_replaced_membership + -BS ?B lost',
  'member* > invited*': 'invitation_replaced_membership + -BS ?BS lost',
  'member > suspended': 'status_changed + -B ?',
  'member > suspended*': 'status_changed + -B ?',
  'member* > suspended': 'status_changed + -BS ? lost',
  'member* > suspended*': 'status_changed + -BS ? lost',
  'suspended > member': 'status_changed +B - ?',
  'suspended > member*': 'status_changed +BS - ? gained',
  'suspended* > member': 'status_changed +B - ?',
  'suspended* > member*': 'status_changed +BS - ? gained',
  'invited > suspended': 'status_changed + - ?B',
  'invited > suspended*': 'status_changed + - ?B',
  'invited* > suspended': 'status_changed + - ?BS offer_gone',
  'invited* > suspended*': 'status_changed + - ?BS offer_gone',
  'suspended > invited': 'status_changed + - ?B',
  'suspended > invited*': 'status_changed + - ?BS offered',
  'suspended* > invited': 'status_changed + - ?B',
  'suspended* > invited*': 'status_changed + - ?BS offered',
  'member > member*': 'roles_changed +S - ? gained',
  'member* > member': 'roles_changed + -S ? lost',
  'invited > invited*': 'invitation_changed + - ?BS offered',
  'invited* > invited': 'invitation_changed + - ?B offer_gone',
  'suspended > suspended*': 'roles_changed + - ?',
  'suspended* > suspended': 'roles_changed + - ?',
};

/** The status and the roles of a standing: `member` has Billing, `member*` has Super Administrator besides. */
export function fieldsOf(standing: string): { status: string; roles: string[] } | null {
  const status = standing.replace('*', '');
  if (status === 'absent') return null;
  return { status, roles: standing.endsWith('*') ? ['Billing', superAdministrator] : ['Billing'] };
}
