import { eq } from 'drizzle-orm';
import { type Database } from './database.ts';
import { principals } from './schema.ts';

/** A principal as the database knows it, retired or not: a row of `principals`. */
export type KnownPrincipal = typeof principals.$inferSelect;

/**
 * The principal of that name, remembered from `now` on where nobody has heard of it, and kept to this transaction until
 * it ends.
 */
export async function keepPrincipal(tx: Database, name: string, now: Date): Promise<KnownPrincipal> {
  for (;;) {
    await tx.insert(principals).values({ name, createdAt: now }).onConflictDoNothing();
    const [principal] = await tx
      .select()
      .from(principals)
      .where(eq(principals.name, name))
      // Not to be stored for good: a run that ends meanwhile stores a report, which refers to the principal.
      .for('no key update');
    // Whoever had that name has another one by now.
    if (principal !== undefined) return principal;
  }
}
