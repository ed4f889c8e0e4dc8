import path from 'node:path';
import { describeError } from '../domain/errors.ts';
import { type Secret } from '../domain/secret.ts';
import { type Assignment, parseEnvFile } from './env-file.ts';
import { type Faults } from './faults.ts';
import { findNameFault, findNameFaultInFile } from './known-names.ts';
import { keepSecret } from './kept-secrets.ts';
import { readSecretText, type SecretFile, SecretFault } from './secret-file.ts';
import { FileFault, isThere, readSettingsFile } from './settings-file.ts';
import { type VariableName } from './variables.ts';

/** Variables by name, as `process.env` has them. */
export type RawEnvironment = Readonly<Record<string, string | undefined>>;

/** The variables as rollcall reads them: the process's own first, then those of a `.env` file. Empty counts as unset. */
export interface Environment {
  get(name: VariableName): string | undefined;
  getSecret(name: VariableName): Secret | undefined;
  /** Any variable, or what the file named by its `_FILE` holds: for `${NAME}` in the configuration file. */
  lookUp(name: string): string | undefined;
  /** The file that holds a variable, where that is given so and not by itself. */
  fileOf(name: string): SecretFile | undefined;
  /** Adds a fault for every variable that is named as ours are, and that nobody has asked for. */
  refuseUnknown(): void;
}

/** Where the variables are. */
export interface Places {
  /** What relative paths begin at. */
  folder: string;
  /** Read instead of `.env` in that folder, which need not be there. */
  envFile?: string | undefined;
}

/** Reads `.env` beneath `raw`. A variable that is given both by itself and as `NAME_FILE` is a fault. */
export function readEnvironment(raw: RawEnvironment, places: Places, faults: Faults): Environment {
  const { folder } = places;
  const { file, name: fileName } = placeOfEnvFile(places);
  const dotenv =
    places.envFile === undefined && !isThere(file)
      ? new Map<string, Assignment>()
      : readEnvFile(file, fileName, faults);
  const merged = layer(Object.fromEntries([...dotenv].map(([name, { value }]) => [name, value])), raw);
  const found = new Map<string, string | undefined>();
  const asked = new Set<string>();

  const fileOf = (name: string): SecretFile | undefined => {
    const file = merged.get(`${name}_FILE`);
    if (file === undefined || merged.has(name)) return undefined;
    return { file: path.resolve(folder, file), where: `${name}_FILE` };
  };
  const find = (name: string): string | undefined => {
    const file = fileOf(name);
    if (file !== undefined) return tryRead(file, faults);
    if (!merged.has(`${name}_FILE`)) return merged.get(name);
    faults.add(name, `expected ${name} or ${name}_FILE, not both`);
    return undefined;
  };
  const lookUp = (name: string): string | undefined => {
    asked.add(name);
    // Once for each, or else its fault would be told once for each use.
    if (!found.has(name)) found.set(name, find(name));
    return found.get(name);
  };

  return {
    get: (name) => merged.get(name),
    lookUp,
    fileOf(name) {
      asked.add(name);
      return fileOf(name);
    },
    getSecret(name) {
      const text = lookUp(name);
      return text === undefined ? undefined : keepSecret(name, text);
    },
    refuseUnknown() {
      const isAskedFor = (name: string) => asked.has(name) || asked.has(name.replace(/_FILE$/, ''));
      const refuse = (name: string, where: string, fault: string | null) => {
        if (fault !== null && !isAskedFor(name)) faults.add(where, fault);
      };
      for (const [name, { line }] of dotenv) {
        refuse(name, `${fileName}, line ${line}`, findNameFaultInFile(name));
      }
      for (const [name] of setIn(raw)) refuse(name, name, findNameFault(name));
    },
  };
}

/** The file of variables, and what people call it. */
export function placeOfEnvFile({ folder, envFile = '.env' }: Places): { file: string; name: string } {
  return { file: path.resolve(folder, envFile), name: envFile };
}

function tryRead(file: SecretFile, faults: Faults): string | undefined {
  try {
    return readSecretText(file);
  } catch (error) {
    if (!(error instanceof SecretFault)) throw error;
    faults.add(error.where, error.expectation);
    return undefined;
  }
}

function readEnvFile(file: string, name: string, faults: Faults): ReadonlyMap<string, Assignment> {
  try {
    return parseEnvFile(readSettingsFile(file), name, faults);
  } catch (error) {
    faults.add(locateFileFault(name, error), describeError(error));
    return new Map();
  }
}

/** The file, and the line in it where the fault is about one. */
export function locateFileFault(name: string, error: unknown): string {
  return error instanceof FileFault && error.line !== null ? `${name}, line ${error.line}` : name;
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
