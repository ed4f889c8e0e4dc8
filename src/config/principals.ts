import path from 'node:path';
import { type Credentials } from '../domain/credentials.ts';
import { Secret } from '../domain/secret.ts';
import { type Environment, readSecret } from './environment.ts';
import { type Faults } from './faults.ts';
import { type ConfigFile, type FilePrincipal } from './file.ts';
import { readVariable } from './readings.ts';
import { principalNameRule } from './rules.ts';

export interface PrincipalConfig {
  name: string;
  credentials: Credentials;
}

/** The file's principals, or else the one that the environment describes. */
export function readPrincipals(
  environment: Environment,
  { file, folder }: { file: ConfigFile | null; folder: string },
  faults: Faults,
): PrincipalConfig[] {
  const ofEnvironment = readEnvironmentPrincipal(environment, faults);
  if (file?.principals === undefined) return ofEnvironment === null ? [] : [ofEnvironment];
  const names = file.principals.map(({ name }) => name);
  names.forEach((name, index) => {
    if (names.indexOf(name) !== index)
      faults.add(`principals[${index}].name`, `expected a name of its own, ${name} is taken`);
  });
  return file.principals.flatMap((principal, index) => {
    const credentials = readFileCredentials(principal, { where: `principals[${index}]`, folder }, faults);
    return credentials === null ? [] : [{ name: principal.name, credentials }];
  });
}

function readEnvironmentPrincipal(environment: Environment, faults: Faults): PrincipalConfig | null {
  const token = environment.getSecret('CLOUDFLARE_API_TOKEN');
  const key = environment.getSecret('CLOUDFLARE_API_KEY');
  const email = environment.get('CLOUDFLARE_EMAIL');
  const name =
    readVariable(environment, { name: 'ROLLCALL_PRINCIPAL', rule: principalNameRule }, faults) ?? 'default';
  if (token !== undefined && (key !== undefined || email !== undefined)) {
    faults.add(
      'CLOUDFLARE_API_TOKEN',
      'expected an API token or an email with its Global API Key, not both kinds at once',
    );
  } else if (key !== undefined && email === undefined) {
    faults.add('CLOUDFLARE_EMAIL', 'expected the email that CLOUDFLARE_API_KEY belongs to');
  } else if (email !== undefined && key === undefined) {
    faults.add('CLOUDFLARE_API_KEY', 'expected the Global API Key of CLOUDFLARE_EMAIL');
  }
  if (token !== undefined) return { name, credentials: { kind: 'token', token } };
  if (key !== undefined && email !== undefined) return { name, credentials: { kind: 'key', email, key } };
  return null;
}

function readFileCredentials(
  principal: FilePrincipal,
  { where, folder }: { where: string; folder: string },
  faults: Faults,
): Credentials | null {
  const { apiToken, apiTokenFile, apiKey, apiKeyFile, email } = principal;
  const given = [apiToken, apiTokenFile, apiKey, apiKeyFile].filter((value) => value !== undefined);
  if (given.length !== 1) {
    faults.add(
      where,
      'expected exactly one of apiToken, apiTokenFile, apiKey (with email) and apiKeyFile (with email)',
    );
    return null;
  }
  const isKey = apiKey !== undefined || apiKeyFile !== undefined;
  if (isKey !== (email !== undefined)) {
    faults.add(
      `${where}.email`,
      isKey ? 'expected the email that the Global API Key belongs to' : 'expected none beside an API token',
    );
    return null;
  }
  const secretFile = apiTokenFile ?? apiKeyFile;
  const text =
    secretFile === undefined
      ? (apiToken ?? apiKey)
      : readSecret(
          path.resolve(folder, secretFile),
          `${where}.${isKey ? 'apiKeyFile' : 'apiTokenFile'}`,
          faults,
        );
  if (text === undefined) return null;
  return email === undefined
    ? { kind: 'token', token: new Secret(text) }
    : { kind: 'key', email, key: new Secret(text) };
}
