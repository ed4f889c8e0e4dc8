import { type z } from 'zod';
import { type Secret } from '../domain/secret.ts';
import { type Environment } from './environment.ts';
import { type Faults } from './faults.ts';
import { urlRule } from './rules.ts';
import { type VariableName } from './variables.ts';

export interface Reading<T> {
  name: VariableName;
  rule: z.ZodType<T>;
}

/** One variable by its rule; `undefined` while unset, and after adding a fault. */
export function readVariable<T>(
  environment: Environment,
  { name, rule }: Reading<T>,
  faults: Faults,
): T | undefined {
  const text = environment.get(name);
  if (text === undefined) return undefined;
  const parsed = rule.safeParse(text);
  if (!parsed.success)
    faults.add(name, `${parsed.error.issues[0]?.message ?? 'unexpected'}, got ${JSON.stringify(text)}`);
  return parsed.data;
}

export interface SecretUrl {
  name: VariableName;
  protocols: readonly string[];
}

/** A URL that holds a password. */
export function readSecretUrl(
  environment: Environment,
  { name, protocols }: SecretUrl,
  faults: Faults,
): Secret | null {
  const secret = environment.getSecret(name);
  if (secret === undefined) return null;
  const parsed = urlRule(protocols).safeParse(secret.reveal());
  // The value is a secret: the fault does not repeat it.
  if (!parsed.success) faults.add(name, parsed.error.issues[0]?.message ?? 'expected a URL');
  return secret;
}
