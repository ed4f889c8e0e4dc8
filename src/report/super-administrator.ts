import { type Change } from '../domain/change.ts';

/** Cloudflare spells its most powerful role in both ways, and the dashboard shortens it. */
const spellings = new Set([
  'all privileges - super administrator',
  'super administrator - all privileges',
  'super administrator',
]);

/** The role came. One spelling of it in place of another is neither gained nor lost. */
export function isSuperAdministratorGained({ added, removed }: Change): boolean {
  return added.some(isSuperAdministrator) && !removed.some(isSuperAdministrator);
}

/** The role went. One spelling of it in place of another is neither gained nor lost. */
export function isSuperAdministratorLost({ added, removed }: Change): boolean {
  return removed.some(isSuperAdministrator) && !added.some(isSuperAdministrator);
}

/** The same roles, Super Administrator ahead of the others. */
export function superAdministratorFirst(roles: readonly string[]): string[] {
  return [...roles.filter(isSuperAdministrator), ...roles.filter((role) => !isSuperAdministrator(role))];
}

function isSuperAdministrator(role: string): boolean {
  return spellings.has(role.trim().toLowerCase());
}
