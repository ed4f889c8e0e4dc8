import { RollcallError } from '../domain/errors.ts';
import { type Client } from './http/client.ts';
import { userSchema } from './schema.ts';

/**
 * The id of the Cloudflare user behind the credentials, from `GET /user`; `null` where they may not read it. Refused
 * credentials are an error all the same: nothing else is asked with them.
 */
export async function readUserId(client: Client): Promise<string | null> {
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
