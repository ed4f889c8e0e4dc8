import { type Credentials } from '../domain/credentials.ts';
import { Secret } from '../domain/secret.ts';
import { type Environment } from './environment.ts';
import { type Faults } from './faults.ts';
import { type LoadedFile, locate } from './file.ts';
import { readFileCredentials } from './file-credentials.ts';
import { findFaultBy, readSecretVariable, readVariable } from './readings.ts';
import { addressRule, credentialRule, principalNameRule, urlRule } from './rules.ts';

/** A principal that can be audited: one with usable credentials. */
export interface PrincipalConfig {
  name: string;
  credentials: Credentials;
  /** Where its runs are announced; a secret, since whoever has it can announce too. */
  pingUrl: Secret | null;
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
  if (!file.has('principals')) return readEnvironmentPrincipal(environment, faults);
  const listed = file.sections.principals;
  if (listed === undefined) return { principals: [], names: null };
  const names = listed.map(({ name }) => name);
  const principals = listed.flatMap((principal, index) => {
    const where = locate(file.name, ['principals', index]);
    if (names.indexOf(principal.name) !== index) {
      faults.add(`${where}.name`, `expected a name of its own, ${JSON.stringify(principal.name)} is taken`);
    }
    const credentials = readFileCredentials(principal, { where, folder }, faults);
    const pingUrl = principal.pingUrl === undefined ? null : new Secret(principal.pingUrl);
    return credentials === null ? [] : [{ name: principal.name, credentials, pingUrl }];
  });
  return { principals, names };
}

function readEnvironmentPrincipal(environment: Environment, faults: Faults): ReadPrincipals {
  const name =
    readVariable(environment, { name: 'ROLLCALL_PRINCIPAL', rule: principalNameRule }, faults) ?? 'default';
  const credentials = readEnvironmentCredentials(environment, faults);
  const findFault = findFaultBy(urlRule);
  const pingUrl = readSecretVariable(environment, { name: 'ROLLCALL_PING_URL', findFault }, faults);
  return { principals: credentials === null ? [] : [{ name, credentials, pingUrl }], names: [name] };
}

function readEnvironmentCredentials(environment: Environment, faults: Faults): Credentials | null {
  const findFault = findFaultBy(credentialRule);
  const token = readSecretVariable(environment, { name: 'CLOUDFLARE_API_TOKEN', findFault }, faults);
  const key = readSecretVariable(environment, { name: 'CLOUDFLARE_API_KEY', findFault }, faults);
  const email = readVariable(environment, { name: 'CLOUDFLARE_EMAIL', rule: addressRule }, faults);
  const isGiven = {
    token: environment.getSecret('CLOUDFLARE_API_TOKEN') !== undefined,
    key: environment.getSecret('CLOUDFLARE_API_KEY') !== undefined,
    email: environment.get('CLOUDFLARE_EMAIL') !== undefined,
  };
  if (isGiven.token && (isGiven.key || isGiven.email)) {
    faults.add(
      'CLOUDFLARE_API_TOKEN',
      'expected an API token or an email with its Global API Key, not both kinds at once',
    );
  } else if (isGiven.key && !isGiven.email) {
    faults.add('CLOUDFLARE_EMAIL', 'expected the email that CLOUDFLARE_API_KEY belongs to');
  } else if (isGiven.email && !isGiven.key) {
    faults.add('CLOUDFLARE_API_KEY', 'expected the Global API Key of CLOUDFLARE_EMAIL');
  }
  if (token !== null) return { kind: 'token', token };
  return key === null || email === undefined ? null : { kind: 'key', email, key };
}
