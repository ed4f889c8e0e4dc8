import path from 'node:path';
import * as z from 'zod';
import { type Environment } from './environment.ts';
import { type Faults } from './faults.ts';
import { type ConfigFile, fileRule } from './file-rules.ts';
import { isThere } from './settings-file.ts';
import { readSecretText } from './secret-file.ts';
import { namesIn, type Place, substitute, substituteText } from './substitute.ts';
import { readYaml } from './yaml.ts';

/** The configuration file as far as it is valid. One that is not there is an empty one. */
export interface LoadedFile {
  /** What faults call it. */
  name: string;
  /** Its valid sections. */
  sections: ConfigFile;
  /** Whether it has this section, be it valid or not: nothing follows from the absence of one that is only faulty. */
  has(section: keyof ConfigFile): boolean;
  /** Whether it could be read: what it asks for is unknown else. */
  isRead: boolean;
  /** What reads a secret that a file holds, where one is asked for at that place; throws {@link SecretFault}. */
  later(place: Place): (() => string) | undefined;
}

/**
 * Reads ROLLCALL_CONFIG, or `rollcall.yaml` if there is one, puts variables where `${NAME}` stands, and validates it;
 * adds every fault.
 */
export function loadFile(environment: Environment, folder: string, faults: Faults): LoadedFile {
  const named = environment.get('ROLLCALL_CONFIG');
  const file = path.resolve(folder, named ?? 'rollcall.yaml');
  const name = named ?? 'rollcall.yaml';
  if (named === undefined && !isThere(file))
    return { name, sections: {}, has: () => false, isRead: true, later: () => undefined };
  const raw = readYaml({ path: file, name }, faults);
  if (raw === undefined)
    return { name, sections: {}, has: () => true, isRead: false, later: () => undefined };
  return validate(raw, { name, environment }, faults);
}

/** `${NAME}` as a pattern. */
const variable = '\\$\\{\\w+\\}';

/** The JSON Schema that gives editors completion: of the file as it is written, where `${NAME}` may stand for a text. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(fileRule, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      const { pattern = variable, maximum } = jsonSchema;
      if (!pattern.endsWith(variable)) jsonSchema.pattern = `${pattern}|${variable}`;
      if (maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return { $schema, title: 'rollcall.yaml', description: 'Configuration of rollcall', ...schema };
}

/** A fault's place, such as `rollcall.yaml: principals[0].name`. */
export function locate(name: string, place: Place): string {
  const within = place.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return within === '' ? name : `${name}: ${within.replace(/^\./, '')}`;
}

function validate(
  raw: unknown,
  { name, environment }: { name: string; environment: Environment },
  faults: Faults,
): LoadedFile {
  const missing = new Set<string>();
  const onMissing = (place: Place, expectation: string) => {
    missing.add(locate(name, place));
    faults.add(locate(name, place), expectation);
  };
  const lookUp = (variable: string) => environment.lookUp(variable);
  const later = new Map<string, () => string>();
  const isForLater = (text: string, place: Place) => {
    if (!isSecretPlace(place) || !namesIn(text).some((one) => environment.fileOf(one) !== undefined))
      return false;
    // What is given otherwise has to be there now.
    substituteText(
      text,
      { lookUp: (one) => (environment.fileOf(one) ? one : lookUp(one)), onMissing },
      place,
    );
    later.set(locate(name, place), () => readNow(text, environment));
    return true;
  };
  const value = substitute(raw, { lookUp, onMissing, isForLater });
  const { issues = [] } = fileRule.safeParse(value).error ?? {};
  for (const issue of issues) {
    const where = locate(name, issue.path);
    // What stands there is still `${NAME}`: one fault is enough.
    if (!missing.has(where)) faults.add(where, describeIssue(issue));
  }
  const has = (section: string) => typeof raw !== 'object' || raw === null || section in raw;
  return {
    name,
    sections: validSections(value, issues),
    has,
    isRead: true,
    later: (place) => later.get(locate(name, place)),
  };
}

/** Where a text of the file is a secret, which may be another one whenever it is wanted: of a principal, or of a webhook. */
function isSecretPlace([section, , key]: Place): boolean {
  return section === 'principals'
    ? key === 'apiToken' || key === 'apiKey' || key === 'pingUrl'
    : section === 'reports' && (key === 'webhook' || key === 'secret');
}

function readNow(text: string, environment: Environment): string {
  const lookUp = (name: string) => {
    const file = environment.fileOf(name);
    return file === undefined ? environment.lookUp(name) : readSecretText(file);
  };
  return substituteText(text, { lookUp, onMissing: () => undefined }, []);
}

/** What is left without the sections that have faults. */
function validSections(value: unknown, issues: readonly z.core.$ZodIssue[]): ConfigFile {
  if (typeof value !== 'object' || value === null) return {};
  const faulty = new Set(issues.map(({ path: [section] }) => section));
  const valid = Object.entries(value).filter(([key]) => key in fileRule.shape && !faulty.has(key));
  return fileRule.safeParse(Object.fromEntries(valid)).data ?? {};
}

function describeIssue({ message }: z.core.$ZodIssue): string {
  return message
    .replace(/^Invalid (?:input|option): /, '')
    .replace(/, received undefined$/, ', got none')
    .replace(', received ', ', got ')
    .replaceAll(/"\|"/g, '" or "');
}
