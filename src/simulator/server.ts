import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer } from './answers.ts';
import { answerRequest, type Api } from './api.ts';
import { answerControl } from './control.ts';
import { authenticate } from './credentials.ts';
import { deliverAnswer } from './deliver-answer.ts';
import { type Endpoint } from './endpoints.ts';
import { type Effects, effectsOf } from './fault-effects.ts';
import { Faults } from './faults.ts';
import { OrderedRows } from './listing.ts';
import { RateLimit, type RateLimitOptions } from './rate-limit.ts';
import { basePath, findRoute, type Route } from './routes.ts';
import { type World } from './world.ts';

/** What to serve and where, and how slow and strict to be. */
export interface SimulatorOptions {
  world: World;
  /** Default 0: any free port. */
  port?: number;
  /** Default `127.0.0.1`: nobody but this machine. */
  host?: string;
  /** How long every answer takes. Default 0. */
  latencyMs?: number;
  /** Default: none. The headers are sent either way. */
  rateLimit?: RateLimitOptions;
  /** Milliseconds by which the rate limit counts. Default: `performance.now`. */
  now?: () => number;
  /** Called with each request once its answer is on its way. */
  log?: (request: SeenRequest) => void;
}

/** One request to the API, as the simulator saw it. */
export interface SeenRequest {
  /** Counted from 1. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** `null` where no endpoint is. */
  readonly endpoint: Endpoint | null;
  /** The name of the principal whose credentials came with it; `null` when nobody's did. */
  readonly principal: string | null;
  /** The status sent; `null` until then, and for good when none was sent. */
  readonly status: number | null;
}

/** A simulator that serves until it is closed, with all that can be seen and changed in it meanwhile. */
export interface Simulator {
  /** What to configure as the base URL; ends in `/client/v4`. */
  readonly url: string;
  /** Where the control surface is; ends in `/simulator`. */
  readonly controlUrl: string;
  readonly world: World;
  readonly faults: Faults;
  /** Every request to the API, in the order in which they came. */
  readonly requests: readonly SeenRequest[];
  /**
   * Called for each request before its answer is computed, and waited for: the place to change the world between any
   * two requests.
   */
  onRequest: ((request: SeenRequest) => void | Promise<void>) | undefined;
  /** Stops serving, and drops connections that are open or stalled. */
  close(): Promise<void>;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Serves the world as Cloudflare would, over HTTP. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { world, port = 0, host = '127.0.0.1', rateLimit = null, now = () => performance.now() } = options;
  const api: Api = { world, rows: new OrderedRows(), rateLimit: new RateLimit(rateLimit, now) };
  const faults = new Faults();
  const requests: SeenRequest[] = [];
  const closing = new AbortController();
  const server = createServer();
  const origin = await listen(server, port, host);
  const simulator: Simulator = {
    url: `${origin}${basePath}`,
    controlUrl: `${origin}/simulator`,
    world,
    faults,
    requests,
    onRequest: undefined,
    close: async () => {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
  const serving: Serving = { options, api, simulator, requests, signal: closing.signal };
  server.on('request', (request, response) => {
    serve(serving, request, response).catch((error: unknown) => answerCrash(response, error));
  });
  return simulator;
}

interface Serving {
  readonly options: SimulatorOptions;
  readonly api: Api;
  readonly simulator: Simulator;
  readonly requests: SeenRequest[];
  /** Aborted when the simulator closes: whatever waits ends. */
  readonly signal: AbortSignal;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

async function serve(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(`http://simulator.invalid${request.url ?? '/'}`);
  if (!url.pathname.startsWith('/simulator')) return serveApi(serving, { request, response, url });
  deliverAnswer(response, await answerControl(serving.simulator, request, url), 'whole');
}

async function serveApi(serving: Serving, exchange: Exchange): Promise<void> {
  const { options, simulator, requests, signal } = serving;
  const { request, response, url } = exchange;
  const route = findRoute(request.method ?? 'GET', url.pathname);
  const seen = describeRequest(serving, exchange, route);
  requests.push(seen);
  await simulator.onRequest?.(seen);
  const body = request.method === 'PUT' ? await text(request) : '';
  const page = Number(seen.query['page'] ?? '1');
  const effects = effectsOf(simulator.faults.strike({ ...seen, page }));
  const answer = computeAnswer(serving, exchange, { route, effects, body, turn: seen.number });
  const delayMs = (options.latencyMs ?? 0) + effects.delayMs;
  if (delayMs > 0) await delay(delayMs, undefined, { signal, ref: false });
  const isSilent = effects.delivery === 'stall-headers' || effects.delivery === 'reset-headers';
  seen.status = isSilent ? null : answer.status;
  deliverAnswer(response, answer, effects.delivery);
  options.log?.(seen);
}

function describeRequest(
  { api, requests }: Serving,
  { request, url }: Exchange,
  route: Route,
): Writable<SeenRequest> {
  const caller = authenticate(api.world, request.headers);
  return {
    number: requests.length + 1,
    method: request.method ?? 'GET',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    endpoint: 'endpoint' in route ? route.endpoint : null,
    principal: 'principal' in caller ? caller.principal.name : null,
    status: null,
  };
}

function computeAnswer(
  { api }: Serving,
  { request, url }: Exchange,
  { route, effects, body, turn }: { route: Route; effects: Effects; body: string; turn: number },
): Answer {
  const { instead, moveWindow, takesEffect, rewrite } = effects;
  const answer = takesEffect
    ? answerRequest(api, { route, query: url.searchParams, headers: request.headers, body, turn, moveWindow })
    : { status: 500, headers: api.rateLimit.count(null).headers };
  if (instead !== null) return { ...instead, headers: { ...answer.headers, ...instead.headers } };
  return answer.json === undefined ? answer : { ...answer, json: rewrite(answer.json) };
}

/** A request that closing cut off has nobody to answer; anything else is a mistake in a hook or in the simulator. */
function answerCrash(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  deliverAnswer(response, { status: 500, json: { simulator: said } }, 'whole');
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address to listen on');
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${name}:${address.port}`;
}
