import { isIP } from 'node:net';

/**
 * Whether a request may be answered that names this host. A browser that a name of an attacker's led here, since that
 * name was made to point to this machine, says the name: only names that are ours pass. Addresses do too, and
 * `localhost`, and requests that name no host, which no browser makes.
 */
export function isOurHost(header: string | undefined, ours: readonly string[]): boolean {
  if (header === undefined) return true;
  const name = nameIn(header);
  if (name === null) return false;
  return isIP(name) !== 0 || name === 'localhost' || ours.some((one) => nameIn(one) === name);
}

/** Without port, brackets and the dot that ends a whole name; in small letters. `null` where it is none. */
function nameIn(header: string): string | null {
  const [, bracketed, bare] = /^(?:\[([^\]]+)\]|([^:]+))(?::\d*)?$/.exec(header.trim()) ?? [];
  return (bracketed ?? bare)?.toLowerCase().replace(/\.$/, '') ?? null;
}
