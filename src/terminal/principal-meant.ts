import { type Config } from '../config.ts';
import { type Database } from '../database/database.ts';
import { requirePrincipal } from '../history/known.ts';

/** The principal that an option names, if any, as a filter. Throws `usage` for one that is neither configured nor stored. */
export async function findPrincipalMeant(
  db: Database,
  config: Pick<Config, 'principals'>,
  principal: string | undefined,
): Promise<{ principal?: string }> {
  if (principal === undefined) return {};
  const configured = config.principals.map(({ name }) => name);
  await requirePrincipal(db, principal, configured);
  return { principal };
}
