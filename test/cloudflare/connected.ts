import { type Client, type ClientOptions, createClient } from '../../src/cloudflare/http/client.ts';
import { type Credentials } from '../../src/domain/credentials.ts';
import { RollcallError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import { type AddedFault, type Fault, type FaultTarget } from '../../src/simulator/faults.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { type WorldOptions } from '../../src/simulator/world.ts';
import { startedSimulator } from '../simulator/calls.ts';

export interface Connected {
  client: Client;
  simulator: Simulator;
  /** Makes something go wrong: with every request for ever unless told otherwise. */
  fail: (fault: Fault, on?: FaultTarget) => AddedFault;
}

/** A client and the simulator that it talks to; retries come at once, and every request has two seconds. */
export async function connected(
  options: Partial<ClientOptions> = {},
  world: WorldOptions = {},
): Promise<Connected> {
  const simulator = await startedSimulator({ organizations: 12, ...world });
  return {
    simulator,
    client: clientOf(simulator, options),
    fail: (fault, on = {}) => simulator.faults.add({ on: { times: Infinity, ...on }, fault }),
  };
}

export function clientOf(simulator: Simulator, options: Partial<ClientOptions> = {}): Client {
  return createClient({
    principal: 'ops-bot',
    credentials: tokenOf(simulator),
    baseUrl: simulator.url,
    backoffMs: 1,
    timeoutMs: 2_000,
    ...options,
  });
}

export function tokenOf(simulator: Simulator): Credentials {
  return { kind: 'token', token: new Secret(simulator.world.principal().apiToken) };
}

export function keyOf(simulator: Simulator): Credentials {
  const { email, apiKey } = simulator.world.principal();
  return { kind: 'key', email, key: new Secret(apiKey) };
}

/** The error that a promise ends in: of our own type, and on one line. */
export async function failureOf(promise: Promise<unknown>): Promise<RollcallError> {
  const error: unknown = await promise.then(
    (value) => new Error(`expected a failure, got ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof RollcallError)) throw error;
  if (/[\r\n]/.test(error.message))
    throw new Error(`expected one line, got ${JSON.stringify(error.message)}`);
  return error;
}

/** Code and line of the error that a promise ends in. */
export async function lineOf(promise: Promise<unknown>): Promise<string> {
  const { code, message } = await failureOf(promise);
  return `${code} | ${message}`;
}
