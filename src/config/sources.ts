import path from 'node:path';
import {
  type Environment,
  placeOfEnvFile,
  type Places,
  type RawEnvironment,
  readEnvironment,
} from './environment.ts';
import { collectFaults } from './faults.ts';
import { isThere } from './settings-file.ts';
import { type SettingsFile } from './settings-watch.ts';
import { type VariableName, variables } from './variables.ts';

/** What a configuration was read from: names, never a value. */
export interface Sources {
  /** As they were named: the configuration file, `.env`, and those that hold a secret. */
  files: readonly string[];
  /** Those of rollcall's own that are set; `NAME_FILE` under that name. */
  variables: readonly string[];
}

/** Names the files and variables that `loadConfig` reads there. */
export function findSources(raw: RawEnvironment, places: Places): Sources {
  // What is wrong with them is for loadConfig to say.
  const environment = readEnvironment(raw, places, collectFaults());
  const config = environment.get('ROLLCALL_CONFIG') ?? 'rollcall.yaml';
  const files = [config, placeOfEnvFile(places).name].filter((file) =>
    isThere(path.resolve(places.folder, file)),
  );
  const names = Object.keys(variables) as VariableName[];
  const secretFiles = names.flatMap((name) => environment.lookUp(fileOf(name)) ?? []);
  return {
    files: [...files, ...secretFiles],
    variables: names.flatMap((name) => nameSet(environment, name)),
  };
}

/** The files that are read at the start alone, whether they are there or not: all but those of secrets that rotate. */
export function findSettingsFiles(raw: RawEnvironment, places: Places): SettingsFile[] {
  const environment = readEnvironment(raw, places, collectFaults());
  const config = environment.get('ROLLCALL_CONFIG') ?? 'rollcall.yaml';
  const database = environment.fileOf('DATABASE_URL');
  return [
    placeOfEnvFile(places),
    { name: config, file: path.resolve(places.folder, config) },
    ...(database === undefined ? [] : [{ name: database.where, file: database.file }]),
  ];
}

function nameSet(environment: Environment, name: VariableName): string[] {
  return [
    ...(environment.get(name) === undefined ? [] : [name]),
    ...(environment.lookUp(fileOf(name)) === undefined ? [] : [fileOf(name)]),
  ];
}

function fileOf(name: VariableName): string {
  return `${name}_FILE`;
}
