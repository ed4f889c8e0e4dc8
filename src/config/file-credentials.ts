import path from 'node:path';
import { type Credentials } from '../domain/credentials.ts';
import { Secret } from '../domain/secret.ts';
import { readSecret } from './environment.ts';
import { type Faults } from './faults.ts';
import { type FilePrincipal } from './file-rules.ts';
import { findFaultBy } from './readings.ts';
import { credentialRule } from './rules.ts';

const secretKeys = ['apiToken', 'apiTokenFile', 'apiKey', 'apiKeyFile'] as const;
type SecretKey = (typeof secretKeys)[number];

/** The credentials of one principal of the file; `null` after adding what is wrong with them. */
export function readFileCredentials(
  principal: FilePrincipal,
  { where, folder }: { where: string; folder: string },
  faults: Faults,
): Credentials | null {
  const { email } = principal;
  const [given, another] = secretKeys.filter((key) => principal[key] !== undefined);
  if (given === undefined || another !== undefined) {
    faults.add(
      where,
      'expected exactly one of apiToken, apiTokenFile, apiKey and apiKeyFile (these two with email)',
    );
    return null;
  }
  const isKey = given === 'apiKey' || given === 'apiKeyFile';
  if (isKey && email === undefined)
    faults.add(`${where}.email`, 'expected the email that the Global API Key belongs to');
  if (!isKey && email !== undefined) faults.add(`${where}.email`, 'expected none beside an API token');
  const secret = readGivenSecret(principal, { given, where: `${where}.${given}`, folder }, faults);
  if (secret === null || isKey !== (email !== undefined)) return null;
  return email === undefined ? { kind: 'token', token: secret } : { kind: 'key', email, key: secret };
}

function readGivenSecret(
  principal: FilePrincipal,
  { given, where, folder }: { given: SecretKey; where: string; folder: string },
  faults: Faults,
): Secret | null {
  const text = principal[given] ?? '';
  const isFile = given === 'apiTokenFile' || given === 'apiKeyFile';
  const secret = isFile ? readSecret(path.resolve(folder, text), where, faults) : text;
  if (secret === undefined) return null;
  const fault = findFaultBy(credentialRule)(secret);
  if (fault === undefined) return new Secret(secret);
  faults.add(where, fault);
  return null;
}
