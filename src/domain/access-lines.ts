import { namesSuperAdministrator, superAdministratorFirst } from './access.ts';
import { type Membership } from './membership.ts';

/** What stands for policies that allow Super Administrator where no role gives it. */
export const superAdministratorByPolicy = 'Super Administrator by policy';

/** The roles of a membership, or of an invitation, Super Administrator ahead of them, also where a policy alone gives it. */
export function accessLines({ roles, policies }: Pick<Membership, 'roles' | 'policies'>): string[] {
  const isByPolicyAlone = namesSuperAdministrator({ policies }) && !namesSuperAdministrator({ roles });
  return [...(isByPolicyAlone ? [superAdministratorByPolicy] : []), ...superAdministratorFirst(roles ?? [])];
}
