import { type Database } from '../../src/database/database.ts';
import { acme, aMembership, globex, night, takeNight } from '../support/nights.ts';

/** What happens over five nights to two principals at Acme and Globex: every way in which a membership can go on. */
export async function tellStory(db: Database): Promise<void> {
  const atAcme = aMembership({ organizationId: acme, organizationName: 'Acme' });
  const atGlobex = aMembership({ organizationId: globex, organizationName: 'Globex', status: 'invited' });

  await takeNight(db, [atAcme], { principal: 'ops-bot', at: night(1) });
  await takeNight(db, [atGlobex], { principal: 'legacy', at: night(1) });
  await takeNight(db, [atAcme, atGlobex], { principal: 'ops-bot', at: night(2) });
  await takeNight(db, [atAcme, { ...atGlobex, status: 'member' }], { principal: 'ops-bot', at: night(3) });
  await takeNight(db, [{ ...atGlobex, status: 'member' }], { principal: 'ops-bot', at: night(4) });
  await takeNight(db, [{ ...atAcme, roles: ['DNS'] }], { principal: 'ops-bot', at: night(5) });
}
