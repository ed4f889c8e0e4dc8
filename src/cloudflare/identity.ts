import { RollcallError } from '../domain/errors.ts';
import { visible } from '../domain/visible.ts';
import { type Client } from './http/client.ts';
import { isIdentifier, userSchema } from './schema.ts';

/**
 * The id of the Cloudflare user behind the credentials, from `GET /user`; `null` where they may not read it, or the answer
 * has none. Refused credentials are an error all the same: nothing else is asked with them. Throws `unavailable` for an id
 * that can be none: whose roll it would be is not known.
 */
export async function readUserId(client: Client): Promise<string | null> {
  const id = await askForId(client);
  if (id === null || isIdentifier(id)) return id;
  throw new RollcallError(
    'unavailable',
    `${client.principal}: the answer to GET /user names a user whose id can be none: ${visible(id, 64)}. Nothing was stored. See whether CLOUDFLARE_BASE_URL, if it is set, leads to Cloudflare.`,
  );
}

async function askForId(client: Client): Promise<string | null> {
  try {
    const { body } = await client.ask({ method: 'GET', path: '/user' });
    return userSchema.safeParse(body).data?.result.id ?? null;
  } catch (error) {
    if (isWithheld(error)) return null;
    throw error;
  }
}

/** Whether the API keeps something from these credentials rather than failing to give it. */
export function isWithheld(error: unknown): boolean {
  return (
    error instanceof RollcallError && ['not_permitted', 'not_found', 'ended', 'refused'].includes(error.code)
  );
}
