import { describeError } from '../domain/errors.ts';
import { type Secret } from '../domain/secret.ts';
import { keepSecret } from './kept-secrets.ts';
import { readSettingsFile } from './settings-file.ts';

/** A file that holds a secret, and what names it: a variable, or a place in the file of the configuration. */
export interface SecretFile {
  file: string;
  where: string;
}

/** A secret that cannot be had from its file: what was expected, without a word of what stands there. */
export class SecretFault extends Error {
  override readonly name = 'SecretFault';
  readonly where: string;
  readonly expectation: string;

  constructor(where: string, expectation: string) {
    super(`${where}: ${expectation}`);
    this.where = where;
    this.expectation = expectation;
  }
}

/** What the file holds now, without the line end that editors add. Throws {@link SecretFault}. */
export function readSecretText({ file, where }: SecretFile): string {
  const text = readWhole(file, where).trim();
  if (text === '') throw new SecretFault(where, `expected a secret in ${file}, found an empty file`);
  return text;
}

/** {@link readSecretText} of what must be as expected; kept as a secret from then on. */
export function readSecretFile(place: SecretFile, findFault: (text: string) => string | undefined): Secret {
  return keepExpected(place.where, readSecretText(place), findFault);
}

/** A secret that is as expected, kept as one. Throws {@link SecretFault}, and keeps also what is not as expected. */
export function keepExpected(
  where: string,
  text: string,
  findFault: (text: string) => string | undefined,
): Secret {
  const secret = keepSecret(where, text);
  const fault = findFault(text);
  if (fault !== undefined) throw new SecretFault(where, fault);
  return secret;
}

function readWhole(file: string, where: string): string {
  try {
    return readSettingsFile(file);
  } catch (error) {
    const expectation = looksSecret(file)
      ? 'expected a readable file: what was given looks like a secret and is not shown'
      : describeError(error);
    throw new SecretFault(where, expectation);
  }
}

/** Whether somebody gave the secret where its file was asked for: a URL, or a long word such as a token or the end of a URL. */
function looksSecret(file: string): boolean {
  return /:\/|whsec_|hooks?\.|(?:^|\/)[\w+=-]{24,}$/.test(file);
}
