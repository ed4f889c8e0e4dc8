import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { describeError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { type Faults } from './faults.ts';
import { type Variable, type VariableName, variables } from './variables.ts';

export type RawEnvironment = Readonly<Record<string, string | undefined>>;

/** The variables as rollcall reads them: the process's own first, then those of a `.env` file. */
export interface Environment {
  get(name: VariableName): string | undefined;
  getSecret(name: VariableName): Secret | undefined;
  /** Any variable, or what the file named by its `_FILE` holds: for `${NAME}` in the configuration file. */
  lookUp(name: string): string | undefined;
}

/** Reads `.env` in `folder` beneath `raw`, and every `NAME_FILE`. A variable given both ways is a fault. */
export function readEnvironment(raw: RawEnvironment, folder: string, faults: Faults): Environment {
  const dotenv = path.join(folder, '.env');
  const merged: RawEnvironment = {
    ...(existsSync(dotenv) ? parseEnv(readFileSync(dotenv, 'utf8')) : {}),
    ...Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== '')),
  };
  const files = new Map<string, string | undefined>();

  const readSecretFile = (name: string, file: string): string | undefined => {
    if (!files.has(name)) files.set(name, readSecret(path.resolve(folder, file), `${name}_FILE`, faults));
    return files.get(name);
  };
  const lookUp = (name: string): string | undefined => {
    const file = merged[`${name}_FILE`];
    return (
      nonEmpty(merged[name]) ?? (file === undefined || file === '' ? undefined : readSecretFile(name, file))
    );
  };

  for (const [name, variable] of Object.entries<Variable>(variables)) {
    if (variable.secret !== true) continue;
    if (nonEmpty(merged[name]) !== undefined && nonEmpty(merged[`${name}_FILE`]) !== undefined) {
      faults.add(name, `expected ${name} or ${name}_FILE, not both`);
    }
  }
  return {
    get: (name) => nonEmpty(merged[name]),
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
    faults.add(where, `expected a readable file: ${describeError(error)}`);
  }
  return undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}
