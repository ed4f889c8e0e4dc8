import { type Credentials } from '../domain/credentials.ts';
import { RollcallError } from '../domain/errors.ts';
import { type Secret } from '../domain/secret.ts';
import { type Source } from '../domain/source.ts';
import { type Faults } from './faults.ts';
import { SecretFault } from './secret-file.ts';

/** Credentials, or what reads them; that throws {@link SecretFault}. */
export type CredentialsSource = Source<Credentials>;

/** An email with its Global API Key, or else a token. */
export function credentialsFrom(email: string | undefined, secret: Source<Secret>): CredentialsSource {
  const make = (read: Secret): Credentials =>
    email === undefined ? { kind: 'token', token: read } : { kind: 'key', email, key: read };
  return typeof secret === 'function' ? () => make(secret()) : make(secret);
}

/**
 * Adds a fault for each that cannot be read where none can: then there is nothing to be done. One among others fails by
 * itself, when it is wanted.
 */
export function refuseWithoutAny(sources: readonly CredentialsSource[], faults: Faults): void {
  const unread = sources.map(findUnread);
  if (unread.includes(null)) return;
  for (const fault of unread) if (fault !== null) faults.add(fault.where, fault.expectation);
}

/** The same credentials, read in that principal's name: throws `credentials`, and says that nothing was asked. */
export function readFor(principal: string, source: CredentialsSource): CredentialsSource {
  if (typeof source !== 'function') return source;
  return () => {
    const fault = findUnread(source);
    if (fault === null) return source();
    throw new RollcallError(
      'credentials',
      `${principal}: ${fault.message}. Cloudflare was not asked; the file is read again at the next run.`,
      { cause: fault },
    );
  };
}

function findUnread(source: CredentialsSource): SecretFault | null {
  if (typeof source !== 'function') return null;
  try {
    source();
    return null;
  } catch (error) {
    if (error instanceof SecretFault) return error;
    throw error;
  }
}
