import { countSlips } from '../domain/nearest.ts';
import { type Variable, type VariableName, variables } from './variables.ts';

/** Every name that rollcall reads: variables, and the `NAME_FILE` of each secret. */
const known: readonly string[] = Object.entries<Variable>(variables).flatMap(([name, { secret }]) =>
  secret === true ? [name, `${name}_FILE`] : [name],
);

/**
 * What Kubernetes puts into the environment of every container, for each service of the namespace: here for one that is
 * called `rollcall`, or begins so.
 */
const ofKubernetes =
  /^ROLLCALL(?:_[A-Z0-9]+)*_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** Why a variable of the process's environment is one that nobody reads, though it has our name; `null` where it is none. */
export function findNameFault(name: string): string | null {
  if (known.includes(name) || !/^ROLLCALL_/i.test(name) || ofKubernetes.test(name)) return null;
  return describeUnknown(name);
}

/** {@link findNameFault} of a variable in a file that is ours: there, one slip from a name that we read counts too. */
export function findNameFaultInFile(name: string): string | null {
  if (known.includes(name)) return null;
  const isOurs = /^ROLLCALL_/i.test(name) || variableOf(name) !== null || nearest(name).slips <= 1;
  return isOurs ? describeUnknown(name) : null;
}

function describeUnknown(name: string): string {
  const variable = variableOf(name);
  if (variable !== null)
    return `expected ${variable} itself, for only a secret is read from a file: got ${name}`;
  return `expected a variable that rollcall reads, such as ${nearest(name).name}: got ${name}`;
}

/** The variable that `NAME_FILE` would be of, where that is no secret. */
function variableOf(name: string): VariableName | null {
  const variable = name.replace(/_FILE$/, '');
  return variable !== name && variable in variables ? (variable as VariableName) : null;
}

function nearest(name: string): { name: string; slips: number } {
  const [first = { name: '', slips: Infinity }] = known
    .map((one) => ({ name: one, slips: countSlips(name.toUpperCase(), one) }))
    .toSorted((left, right) => left.slips - right.slips);
  return first;
}
