import { eq } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { departures, principals } from '../database/schema.ts';

/** Who leaves which organization; its name is `null` when the API gave none. */
export interface Departure {
  principal: string;
  organizationId: string;
  organizationName: string | null;
}

/** Records that the principal is about to leave, before it asks to: a departure is ours even if the answer is lost. */
export async function recordDeparture(
  db: Database,
  departure: Departure,
  requestedAt: Date,
): Promise<number> {
  return db.transaction(async (tx) => {
    await tx.insert(principals).values({ name: departure.principal }).onConflictDoNothing();
    const [principal] = await tx.select().from(principals).where(eq(principals.name, departure.principal));
    if (principal === undefined) throw new Error(`The principal ${departure.principal} vanished.`);
    const { organizationId, organizationName } = departure;
    const [recorded] = await tx
      .insert(departures)
      .values({ principalId: principal.id, organizationId, organizationName, requestedAt })
      .returning({ id: departures.id });
    if (recorded === undefined) throw new Error('A departure vanished while it was recorded.');
    return recorded.id;
  });
}

/** Records what the API said: left, or refused, in which case a departure that shows later is not ours. */
export async function settleDeparture(db: Database, id: number, outcome: 'left' | 'refused'): Promise<void> {
  await db.update(departures).set({ outcome }).where(eq(departures.id, id));
}
