import { onTestFinished } from 'vitest';
import { type ListedOrganization } from '../../src/simulator/principal.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/server.ts';
import { createWorld, type WorldOptions } from '../../src/simulator/world.ts';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: {
    success: boolean;
    errors: { code: number; message: string; error_chain?: { code: number; message: string }[] }[];
    result: ListedOrganization[];
    result_info: Record<string, number>;
  };
}

/** A simulator for one test, closed with it. */
export async function startedSimulator(
  world: WorldOptions = {},
  options: Omit<SimulatorOptions, 'world'> = {},
): Promise<Simulator> {
  const simulator = await startSimulator({ world: createWorld(world), ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

export function bearer(simulator: Simulator, principal?: string): Record<string, string> {
  return { authorization: `Bearer ${simulator.world.principal(principal).apiToken}` };
}

/** One request to the API, by the first principal's token unless other headers are given. */
export async function call(simulator: Simulator, path: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(`${simulator.url}${path}`, { headers: bearer(simulator), ...init });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: (isJson ? JSON.parse(text) : null) as Reply['json'],
  };
}

export function listPath(query: Record<string, string | number> = {}): string {
  const given = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  return `/user/organizations?${new URLSearchParams(given).toString()}`;
}

/** The ids of all pages, read as a trusting client would: until a page is short. */
export async function listIds(
  simulator: Simulator,
  query: Record<string, string | number> = { order: 'id' },
): Promise<unknown[]> {
  const ids: unknown[] = [];
  for (let page = 1; ; page++) {
    const { json } = await call(simulator, listPath({ per_page: 50, ...query, page }));
    ids.push(...json.result.map(({ id }) => id));
    if (json.result.length < 50) return ids;
  }
}
