import { onTestFinished } from 'vitest';
import { type ListEndpoint } from '../../src/simulator/endpoints.ts';
import { type ListedRow } from '../../src/simulator/rows.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/server.ts';
import { createWorld, type WorldOptions } from '../../src/simulator/world.ts';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: {
    success: boolean;
    errors: { code: number; message: string; error_chain?: { code: number; message: string }[] }[];
    result: ListedRow[];
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

const listPaths: Record<ListEndpoint, string> = {
  list: '/user/organizations',
  memberships: '/memberships',
};

export function listPath(
  query: Record<string, string | number> = {},
  endpoint: ListEndpoint = 'list',
): string {
  const given = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  return `${listPaths[endpoint]}?${new URLSearchParams(given).toString()}`;
}

/** The rows of all pages, read as a trusting client would: until a page is short. */
export async function listRows(
  simulator: Simulator,
  query: Record<string, string | number> = { order: 'id' },
  endpoint: ListEndpoint = 'list',
): Promise<ListedRow[]> {
  const rows: ListedRow[] = [];
  for (let page = 1; ; page++) {
    const { json } = await call(simulator, listPath({ per_page: 50, ...query, page }, endpoint));
    rows.push(...json.result);
    if (json.result.length < 50) return rows;
  }
}

/** The ids of those rows. */
export async function listIds(...asked: Parameters<typeof listRows>): Promise<unknown[]> {
  return (await listRows(...asked)).map(({ id }) => id);
}
