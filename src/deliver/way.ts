import { eq } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { deliveries } from '../database/schema.ts';
import { type Carrier } from '../domain/report.ts';

/** By which server a delivery goes: `mail` for all mail, or the name of a webhook. */
export type Way = string;

/** The way of all mail. */
export const mailWay: Way = 'mail';

/** By which server it goes: what is away for one delivery is away for all that go the same way. */
export function wayOf({ carrier, recipient }: { carrier: Carrier; recipient: string }): Way {
  return carrier === 'mail' ? mailWay : recipient;
}

/** The way of a delivery in the ledger; `null` where there is none of that id. */
export async function readWay(db: Database, id: number): Promise<Way | null> {
  const [delivery] = await db
    .select({ carrier: deliveries.carrier, recipient: deliveries.recipient })
    .from(deliveries)
    .where(eq(deliveries.id, id));
  return delivery === undefined ? null : wayOf(delivery);
}
