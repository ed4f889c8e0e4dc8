import type * as z from 'zod';
import { type Secret } from '../domain/secret.ts';
import { type Source } from '../domain/source.ts';
import { type Environment } from './environment.ts';
import { type Faults } from './faults.ts';
import { readSecretFile } from './secret-file.ts';
import { type Variable, type VariableName, variables } from './variables.ts';

/** A variable, and the rule for its value. */
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
  const { data, error } = rule.safeParse(text);
  const { confidential }: Variable = variables[name];
  const got = confidential === true ? '' : `, got ${JSON.stringify(text)}`;
  if (error !== undefined) faults.add(name, `${error.issues[0]?.message ?? 'expected another value'}${got}`);
  return data;
}

/** A variable that holds a secret, and what finds fault with its value. */
export interface SecretReading {
  name: VariableName;
  /** What was expected, without the value; `undefined` when it is as expected. */
  findFault: (text: string) => string | undefined;
}

/** A secret that is as expected; `null` while unset, and after adding a fault. */
export function readSecretVariable(
  environment: Environment,
  { name, findFault }: SecretReading,
  faults: Faults,
): Secret | null {
  const secret = environment.getSecret(name);
  if (secret === undefined) return null;
  const fault = findFault(secret.reveal());
  if (fault === undefined) return secret;
  faults.add(name, fault);
  return null;
}

/** {@link readSecretVariable}; one that a file holds is read again whenever it is wanted. */
export function readSecretSource(
  environment: Environment,
  reading: SecretReading,
  faults: Faults,
): Source<Secret> | null {
  const secret = readSecretVariable(environment, reading, faults);
  const file = environment.fileOf(reading.name);
  if (secret === null || file === undefined) return secret;
  return () => readSecretFile(file, reading.findFault);
}

/** What a rule expects of a text that it does not accept. */
export function findFaultBy(rule: z.ZodType): (text: string) => string | undefined {
  return (text) => rule.safeParse(text).error?.issues[0]?.message;
}
