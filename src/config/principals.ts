import { defaultSource, type RunSource } from '../domain/run.ts';
import { Secret } from '../domain/secret.ts';
import { type Source } from '../domain/source.ts';
import { credentialsFrom, type CredentialsSource, readFor, refuseWithoutAny } from './credentials.ts';
import { type Environment } from './environment.ts';
import { type Faults } from './faults.ts';
import { type LoadedFile, locate } from './file.ts';
import { readFileCredentials } from './file-credentials.ts';
import { findFaultBy, readSecretSource, readSecretVariable, readVariable } from './readings.ts';
import {
  addressRule,
  credentialRule,
  principalNameRule,
  sourceRule,
  urlRule,
  withoutTlsWord,
} from './rules.ts';
import { keepSecret } from './kept-secrets.ts';
import { keepExpected, readSecretFile } from './secret-file.ts';

/** A principal that can be audited: one that has credentials. */
export interface PrincipalConfig {
  name: string;
  /** Which endpoint its roll is read from. */
  source: RunSource;
  /** Read at each run where a file holds them; throws `credentials` where they cannot be. */
  credentials: CredentialsSource;
  /** Where its runs are announced; a secret, since whoever has it can announce too. */
  pingUrl: Source<Secret> | null;
}

/** Whom the configuration names, as far as it could be read. */
export interface ReadPrincipals {
  principals: PrincipalConfig[];
  /** Their names, of those without usable credentials too; `null` when not even these are known. */
  names: string[] | null;
}

/** The file's principals, or else the one that the environment describes. */
export function readPrincipals(
  environment: Environment,
  { file, folder }: { file: LoadedFile; folder: string },
  faults: Faults,
): ReadPrincipals {
  const { principals, names } = file.has('principals')
    ? listPrincipals(file, folder, faults)
    : readEnvironmentPrincipal(environment, faults);
  refuseWithoutAny(
    principals.map(({ credentials }) => credentials),
    faults,
  );
  const inTheirNames = principals.map((principal) => ({
    ...principal,
    credentials: readFor(principal.name, principal.credentials),
  }));
  return { principals: inTheirNames, names };
}

function listPrincipals(file: LoadedFile, folder: string, faults: Faults): ReadPrincipals {
  const listed = file.sections.principals;
  if (listed === undefined) return { principals: [], names: null };
  const names = listed.map(({ name }) => name);
  const principals = listed.flatMap((principal, index) => {
    if (names.indexOf(principal.name) !== index) {
      const where = locate(file.name, ['principals', index, 'name']);
      faults.add(where, `expected a name of its own, ${JSON.stringify(principal.name)} is taken`);
    }
    const credentials = readFileCredentials({ principal, index, file, folder }, faults);
    const pingUrl = readFilePingUrl(file, index, principal.pingUrl);
    const { name, source = defaultSource } = principal;
    return credentials === null ? [] : [{ name, source, credentials, pingUrl }];
  });
  return { principals, names };
}

function readFilePingUrl(file: LoadedFile, index: number, text: string | undefined): Source<Secret> | null {
  const place = ['principals', index, 'pingUrl'];
  const later = file.later(place);
  if (later !== undefined) {
    const where = locate(file.name, place);
    return toAnnounceAt(where, () => keepExpected(where, later(), findFaultBy(urlRule)));
  }
  return text === undefined ? null : toAnnounceAt('', new Secret(text));
}

/** What is announced at it goes to an address that begins so. */
function toAnnounceAt(where: string, source: Source<Secret>): Source<Secret> {
  if (typeof source !== 'function') return new Secret(withoutTlsWord(source.reveal()));
  return () => keepSecret(`${where} as it is used`, withoutTlsWord(source().reveal()));
}

function readEnvironmentPrincipal(environment: Environment, faults: Faults): ReadPrincipals {
  const name =
    readVariable(environment, { name: 'ROLLCALL_PRINCIPAL', rule: principalNameRule }, faults) ?? 'default';
  const source =
    readVariable(environment, { name: 'ROLLCALL_SOURCE', rule: sourceRule }, faults) ?? defaultSource;
  const credentials = readEnvironmentCredentials(environment, faults);
  const findFault = findFaultBy(urlRule);
  const pingUrl = readSecretSource(environment, { name: 'ROLLCALL_PING_URL', findFault }, faults);
  const announceAt = pingUrl === null ? null : toAnnounceAt('ROLLCALL_PING_URL', pingUrl);
  return {
    principals: credentials === null ? [] : [{ name, source, credentials, pingUrl: announceAt }],
    names: [name],
  };
}

function readEnvironmentCredentials(environment: Environment, faults: Faults): CredentialsSource | null {
  const email = readVariable(environment, { name: 'CLOUDFLARE_EMAIL', rule: addressRule }, faults);
  const token = readCredential(environment, 'CLOUDFLARE_API_TOKEN', faults);
  const key = readCredential(environment, 'CLOUDFLARE_API_KEY', faults);
  const hasEmail = environment.get('CLOUDFLARE_EMAIL') !== undefined;
  if (token.isGiven && (key.isGiven || hasEmail)) {
    faults.add(
      'CLOUDFLARE_API_TOKEN',
      'expected an API token or an email with its Global API Key, not both kinds at once',
    );
  } else if (key.isGiven && !hasEmail) {
    faults.add('CLOUDFLARE_EMAIL', 'expected the email that CLOUDFLARE_API_KEY belongs to');
  } else if (hasEmail && !key.isGiven) {
    faults.add('CLOUDFLARE_API_KEY', 'expected the Global API Key of CLOUDFLARE_EMAIL');
  }
  if (token.secret !== null) return credentialsFrom(undefined, token.secret);
  return key.secret === null || email === undefined ? null : credentialsFrom(email, key.secret);
}

function readCredential(
  environment: Environment,
  name: 'CLOUDFLARE_API_TOKEN' | 'CLOUDFLARE_API_KEY',
  faults: Faults,
): { isGiven: boolean; secret: Source<Secret> | null } {
  const findFault = findFaultBy(credentialRule);
  const file = environment.fileOf(name);
  if (file !== undefined) return { isGiven: true, secret: () => readSecretFile(file, findFault) };
  const secret = readSecretVariable(environment, { name, findFault }, faults);
  return { isGiven: environment.getSecret(name) !== undefined, secret };
}
