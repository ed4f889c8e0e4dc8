import { type Faults } from './faults.ts';

/** A variable as a file sets it. */
export interface Assignment {
  value: string;
  /** The line that it stands in, from 1. */
  line: number;
}

const assignment = /^[ \t]*(?:export[ \t]+)?(?<name>[A-Za-z_]\w*)[ \t]*=(?<written>.*)$/s;

const advice = 'put the whole value between single quotes';

/**
 * The variables of a `.env` file. A line is blank, a comment, or `NAME=value`; adds a fault for any other, and for a name
 * that is set twice. What stands between single quotes is read as `sh`, systemd and Docker Compose read it: as it is.
 * Elsewhere a comment begins at a `#` after a blank, and nothing is put in for `$NAME`. No fault repeats a value.
 */
export function parseEnvFile(text: string, name: string, faults: Faults): ReadonlyMap<string, Assignment> {
  const found = new Map<string, Assignment>();
  for (const [index, written] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const add = (expectation: string) => faults.add(`${name}, line ${line}`, expectation);
    if (/^[ \t]*(?:#[^\r]*)?$/.test(written)) continue;
    const { groups } = assignment.exec(written) ?? {};
    if (groups === undefined) {
      add('expected NAME=value, a comment that begins with #, or a blank line; the line is not shown');
      continue;
    }
    const { name: variable = '', written: right = '' } = groups;
    const value = readValue(right);
    const first = found.get(variable);
    if (first !== undefined)
      add(`expected each variable once, but ${variable} is set in line ${first.line} too`);
    else if ('expectation' in value) add(`${variable}: ${value.expectation}`);
    found.set(variable, { value: 'text' in value ? value.text : '', line });
  }
  return found;
}

type Value = { text: string } | { expectation: string };

function readValue(written: string): Value {
  const text = written.trim();
  if (/[^\P{Cc}\t]/u.test(text)) return { expectation: 'expected no control character in it' };
  const quote = text.charAt(0);
  if (quote === '`') return { expectation: `expected quotes of another kind: ${advice}` };
  if (quote !== "'" && quote !== '"') return { text: written.replace(/[ \t]#.*$/, '').trim() };
  const pattern =
    quote === "'" ? /^'(?<inner>[^']*)'(?<rest>.*)$/ : /^"(?<inner>(?:[^"\\]|\\.)*)"(?<rest>.*)$/;
  const { inner, rest = '' } = pattern.exec(text)?.groups ?? {};
  if (inner === undefined) return { expectation: `expected ${quote} at its end, on the same line` };
  if (!/^(?:[ \t]+#.*)?$/.test(rest))
    return { expectation: `expected nothing behind its closing ${quote}: ${advice}` };
  return { text: quote === "'" ? inner : inner.replaceAll(/\\(["\\$`])/g, '$1') };
}
