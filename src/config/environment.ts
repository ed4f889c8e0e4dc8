import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { describeError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { type Faults } from './faults.ts';
import { type VariableName } from './variables.ts';

/** Variables by name, as `process.env` has them. */
export type RawEnvironment = Readonly<Record<string, string | undefined>>;

/** The variables as rollcall reads them: the process's own first, then those of a `.env` file. Empty counts as unset. */
export interface Environment {
  get(name: VariableName): string | undefined;
  getSecret(name: VariableName): Secret | undefined;
  /** Any variable, or what the file named by its `_FILE` holds: for `${NAME}` in the configuration file. */
  lookUp(name: string): string | undefined;
}

/** Reads `.env` in `folder` beneath `raw`. A variable that is given both by itself and as `NAME_FILE` is a fault. */
export function readEnvironment(raw: RawEnvironment, folder: string, faults: Faults): Environment {
  const merged = layer(readDotenv(folder, faults), raw);
  const found = new Map<string, string | undefined>();

  const find = (name: string): string | undefined => {
    const value = merged.get(name);
    const file = merged.get(`${name}_FILE`);
    if (file === undefined) return value;
    if (value === undefined) return readSecret(path.resolve(folder, file), `${name}_FILE`, faults);
    faults.add(name, `expected ${name} or ${name}_FILE, not both`);
    return undefined;
  };
  const lookUp = (name: string): string | undefined => {
    // Once for each, or else its fault would be told once for each use.
    if (!found.has(name)) found.set(name, find(name));
    return found.get(name);
  };

  return {
    get: (name) => merged.get(name),
    lookUp,
    getSecret(name) {
      const text = lookUp(name);
      return text === undefined ? undefined : new Secret(text);
    },
  };
}

/** A secret from its file, without the line end that editors add; adds a fault when it cannot be read or is empty. */
export function readSecret(file: string, where: string, faults: Faults): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    if (text !== '') return text;
    faults.add(where, `expected a secret in ${file}, found an empty file`);
  } catch (error) {
    const what = looksSecret(file)
      ? 'what was given looks like a secret and is not shown'
      : describeError(error);
    faults.add(where, `expected a readable file: ${what}`);
  }
  return undefined;
}

/** Whether somebody gave the secret where its file was asked for: a URL, or a long word such as a token. */
function looksSecret(file: string): boolean {
  return /:\/|(?:^|\/)[\w-]{32,}$/.test(file);
}

function readDotenv(folder: string, faults: Faults): RawEnvironment {
  const file = path.join(folder, '.env');
  if (!existsSync(file)) return {};
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch (error) {
    faults.add('.env', `expected a readable file: ${describeError(error)}`);
    return {};
  }
}

/** What is set in either, `upper` first: its `NAME` also goes before a `NAME_FILE` of `lower`, and the other way round. */
function layer(lower: RawEnvironment, upper: RawEnvironment): ReadonlyMap<string, string> {
  const above = new Map(setIn(upper));
  const below = setIn(lower).filter(([name]) => !above.has(otherForm(name)));
  return new Map([...below, ...above]);
}

function otherForm(name: string): string {
  return name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : `${name}_FILE`;
}

function setIn(variables: RawEnvironment): [name: string, value: string][] {
  return Object.entries(variables)
    .map(([name, value = '']): [string, string] => [name, value.trim()])
    .filter(([, value]) => value !== '');
}
