import path from 'node:path';
import { Secret } from '../domain/secret.ts';
import { type Source } from '../domain/source.ts';
import { credentialsFrom, type CredentialsSource } from './credentials.ts';
import { type Faults } from './faults.ts';
import { type LoadedFile, locate } from './file.ts';
import { type FilePrincipal } from './file-rules.ts';
import { findFaultBy } from './readings.ts';
import { credentialRule } from './rules.ts';
import { keepExpected, readSecretFile } from './secret-file.ts';

const secretKeys = ['apiToken', 'apiTokenFile', 'apiKey', 'apiKeyFile'] as const;
type SecretKey = (typeof secretKeys)[number];

/** A principal of the file, and where it stands there. */
export interface ListedPrincipal {
  principal: FilePrincipal;
  index: number;
  file: LoadedFile;
  /** What relative paths begin at. */
  folder: string;
}

/** The credentials of one principal of the file; `null` after adding what is wrong with them. */
export function readFileCredentials(listed: ListedPrincipal, faults: Faults): CredentialsSource | null {
  const { principal, index, file } = listed;
  const { email } = principal;
  const where = locate(file.name, ['principals', index]);
  const isGiven = (key: SecretKey) =>
    principal[key] !== undefined || file.later(['principals', index, key]) !== undefined;
  const [given, another] = secretKeys.filter(isGiven);
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
  const secret = readGivenSecret(listed, given, faults);
  return secret === null || isKey !== (email !== undefined) ? null : credentialsFrom(email, secret);
}

function readGivenSecret(
  { principal, index, file, folder }: ListedPrincipal,
  given: SecretKey,
  faults: Faults,
): Source<Secret> | null {
  const text = principal[given] ?? '';
  const place = ['principals', index, given];
  const where = locate(file.name, place);
  const findFault = findFaultBy(credentialRule);
  if (given === 'apiTokenFile' || given === 'apiKeyFile') {
    return () => readSecretFile({ file: path.resolve(folder, text), where }, findFault);
  }
  const later = file.later(place);
  if (later !== undefined) return () => keepExpected(where, later(), findFault);
  const fault = findFault(text);
  if (fault === undefined) return new Secret(text);
  faults.add(where, fault);
  return null;
}
