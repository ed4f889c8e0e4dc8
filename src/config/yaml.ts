import { LineCounter, parseDocument } from 'yaml';
import { describeError } from '../domain/errors.ts';
import { isNestedDeeper } from '../domain/nesting.ts';
import { locateFileFault } from './environment.ts';
import { type Faults } from './faults.ts';
import { readSettingsFile } from './settings-file.ts';

/** A YAML file that is to be read. */
export interface YamlFile {
  path: string;
  /** What faults call it. */
  name: string;
}

/** The file as a plain value, `{}` when it is empty; `undefined` after adding what keeps it from being read. */
export function readYaml(file: YamlFile, faults: Faults): unknown {
  const text = readText(file, faults);
  if (text === undefined) return undefined;
  try {
    return parse(text, file, faults);
  } catch (error) {
    // Thrown for what only attackers write: aliases of aliases, thousands of brackets within each other.
    faults.add(file.name, `expected YAML: ${withoutQuotation(describeError(error))}`);
    return undefined;
  }
}

function parse(text: string, file: YamlFile, faults: Faults): unknown {
  const lines = new LineCounter();
  // A pretty error quotes the line it is about, which may hold a secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const { message, pos } of document.errors.slice(0, mostErrors)) {
    const { line, col } = lines.linePos(pos[0]);
    faults.add(`${file.name}, line ${line}, column ${col}`, `expected YAML: ${withoutQuotation(message)}`);
  }
  if (document.errors.length > 0) return undefined;
  const value: unknown = document.toJS() ?? {};
  if (!isNestedDeeper(value, mostLevels)) return value;
  faults.add(file.name, `expected at most ${mostLevels} levels within each other`);
  return undefined;
}

/** More than any section has; what is an alias of itself has no end. */
const mostLevels = 20;

/** Errors that are told; in what is no YAML at all each line may be one. */
const mostErrors = 20;

function readText({ path, name }: YamlFile, faults: Faults): string | undefined {
  try {
    return readSettingsFile(path);
  } catch (error) {
    faults.add(locateFileFault(name, error), describeError(error));
    return undefined;
  }
}

/** Some messages end in a piece of the file, after a colon. */
function withoutQuotation(message: string): string {
  return message.replace(/:(?:\s.*)?$/s, '');
}
