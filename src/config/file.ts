import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { describeError } from '../domain/errors.ts';
import { type Faults } from './faults.ts';
import { audienceRule, cronRule, holdRule, principalNameRule, timezoneRule } from './rules.ts';

const principalRule = z.strictObject({
  name: principalNameRule.meta({ description: 'what reports and commands call this principal' }),
  apiToken: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'a user-owned API token; better as ${NAME} than as text' }),
  apiTokenFile: z.string().min(1).optional().meta({ description: 'a file that holds the API token' }),
  email: z.string().min(1).optional().meta({ description: 'the email that goes with a Global API Key' }),
  apiKey: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'a Global API Key; better as ${NAME} than as text' }),
  apiKeyFile: z.string().min(1).optional().meta({ description: 'a file that holds the Global API Key' }),
});
export type FilePrincipal = z.infer<typeof principalRule>;

/** What `rollcall.yaml` may hold. */
export const fileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    schedule: cronRule.optional().meta({ description: 'cron expression of the nightly snapshot' }),
    timezone: timezoneRule.optional().meta({ description: 'IANA time zone of the schedule' }),
    principals: z.array(principalRule).min(1).optional(),
    reports: z.array(audienceRule).min(1).optional().meta({ description: 'who gets which reports' }),
    hold: holdRule
      .optional()
      .meta({ description: 'when a run waits for approval instead of being believed' }),
  })
  .meta({ title: 'rollcall.yaml', description: 'Configuration of rollcall' });
export type ConfigFile = z.infer<typeof fileSchema>;

/** Reads the file, puts variables where `${NAME}` stands, and validates it; adds every fault, and then returns `null`. */
export function readConfigFile(
  file: string,
  lookUp: (name: string) => string | undefined,
  faults: Faults,
): ConfigFile | null {
  const raw = parseYaml(file, faults);
  if (raw === undefined) return null;
  const parsed = fileSchema.safeParse(substitute(raw ?? {}, { path: [], lookUp, file, faults }));
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) faults.add(locate(file, issue.path), describeIssue(issue));
  return null;
}

/** The JSON Schema that gives editors completion. */
export function configJsonSchema(): unknown {
  return z.toJSONSchema(fileSchema, { io: 'input', unrepresentable: 'any' });
}

function parseYaml(file: string, faults: Faults): unknown {
  try {
    const document = parseDocument(readFileSync(file, 'utf8'));
    for (const error of document.errors) faults.add(file, `expected YAML: ${describeError(error)}`);
    return document.errors.length === 0 ? document.toJS() : undefined;
  } catch (error) {
    faults.add(file, `expected a readable YAML file: ${describeError(error)}`);
    return undefined;
  }
}

interface Place {
  path: readonly PropertyKey[];
  lookUp: (name: string) => string | undefined;
  file: string;
  faults: Faults;
}

function substitute(value: unknown, place: Place): unknown {
  if (typeof value === 'string') return substituteText(value, place);
  const within = (key: PropertyKey) => ({ ...place, path: [...place.path, key] });
  if (Array.isArray(value)) return value.map((element, index) => substitute(element, within(index)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, substitute(inner, within(key))]),
  );
}

function substituteText(text: string, { path, lookUp, file, faults }: Place): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => {
    const found = lookUp(name);
    if (found === undefined) faults.add(locate(file, path), `expected the variable ${name} to be set`);
    return found ?? whole;
  });
}

function locate(file: string, path: readonly PropertyKey[]): string {
  const within = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return within === '' ? file : `${file}: ${within.replace(/^\./, '')}`;
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith('expected')) return issue.message;
  return issue.message.replace(/^Invalid input: /, '').replace(/^./, (letter) => letter.toLowerCase());
}
