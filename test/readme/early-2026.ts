import { type Database } from '../../src/database/database.ts';
import { type Membership } from '../../src/domain/membership.ts';
import { endRunShort } from '../../src/schedule/claim.ts';
import { acme, aMembership, claim, evidence, globex, organizationId, takeNight } from '../support/nights.ts';

export const administrator = 'Administrator';
export const superAdministrator = 'All Privileges - Super Administrator';
export const initech = organizationId(1);
export const umbra = organizationId(2);
export const hooli = organizationId(3);
export const wonka = organizationId(4);

/** A membership in Acme. */
export const inAcme = (given: Partial<Membership> = {}) => aMembership({ organizationId: acme, ...given });

/** A membership in Globex. */
export const inGlobex = (given: Partial<Membership> = {}) =>
  aMembership({ organizationId: globex, organizationName: 'Globex', ...given });

/** A membership in an organization of that id and name. */
export const named = (id: string, name: string, given: Partial<Membership> = {}) =>
  aMembership({ organizationId: id, organizationName: name, ...given });

/**
 * Six nights of early 2026 with every kind of change. Acme gives ops-bot more and more, and drops it in April; legacy
 * comes to it in the middle of March. The fourth night fails.
 */
export async function keepHistory(db: Database): Promise<void> {
  const invited = { status: 'invited' };
  await takeNight(db, [inAcme({ roles: ['Billing'] }), named(hooli, 'Hooli', invited)], at('2026-02-10'));
  await takeNight(
    db,
    [
      inAcme(),
      inGlobex({ status: 'invited' }),
      named(hooli, 'Hooli'),
      named(initech, 'Initech', invited),
      named(wonka, 'Wonka'),
    ],
    at('2026-02-11'),
  );
  await takeNight(db, [inAcme()], { ...at('2026-03-15'), principal: 'legacy' });
  await takeNight(
    db,
    [
      inAcme({ roles: [administrator, superAdministrator] }),
      inGlobex({ roles: ['Super Administrator - All Privileges'] }),
      named(hooli, 'Hooli Holdings', { permissions: ['#zones:edit'] }),
      named(umbra, 'Umbra', invited),
      named(wonka, 'Wonka', invited),
    ],
    at('2026-03-20'),
  );
  const failed = await claim(db, at('2026-03-21'));
  const error = 'ops-bot: no usable answer';
  await endRunShort(db, failed, { state: 'failed', error, evidence, now: failed.startedAt });
  await takeNight(
    db,
    [
      inGlobex({ roles: ['Super Administrator - All Privileges'] }),
      named(hooli, 'Hooli Holdings', { status: 'suspended', permissions: ['#zones:edit'] }),
      named(umbra, 'Umbra', { ...invited, roles: [superAdministrator] }),
      named(wonka, 'Wonka', invited),
    ],
    at('2026-04-02'),
  );
}

/** Two o'clock UTC of that day, as a run's occasion. */
export function at(day: string): { at: Date } {
  return { at: new Date(`${day}T02:00:00Z`) };
}

/** The day of a time, as either driver gives it. */
export function dayOf(time: unknown): string | null {
  if (time === null) return null;
  return new Date(time as string | Date).toISOString().slice(0, 10);
}
