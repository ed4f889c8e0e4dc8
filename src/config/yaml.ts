import { LineCounter, parseDocument } from 'yaml';
import { describeError } from '../domain/errors.ts';
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
  const lines = new LineCounter();
  // A pretty error quotes the line it is about, which may hold a secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const { message, pos } of document.errors) {
    const { line, col } = lines.linePos(pos[0]);
    faults.add(`${file.name}, line ${line}, column ${col}`, `expected YAML: ${withoutQuotation(message)}`);
  }
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS() ?? {};
  } catch (error) {
    faults.add(file.name, `expected YAML: ${withoutQuotation(describeError(error))}`);
    return undefined;
  }
}

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
