import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { codeOf } from '../database/explain.ts';
import { describeError, RollcallError } from '../domain/errors.ts';
import { type Answer, type Answers, asText, createAnswers, type HealthSources } from './answers.ts';
import { isOurHost } from './hosts.ts';

/** Where to listen, and what the answers are made of. */
export interface HealthServerOptions extends HealthSources {
  /** A name or an address, of IPv6 with or without brackets. */
  host: string;
  /** 0 takes one that is free. */
  port: number;
  /** Names by which it may be asked, beside `host`, addresses and localhost. Default: none. */
  hosts?: readonly string[];
  /** Milliseconds that a caller may take for its request, or do nothing. Default 5,000. */
  patienceMs?: number;
}

/** A server that listens until it is closed. */
export interface HealthServer {
  /** Where it listens: `http://`, host and port. */
  readonly url: string;
  /** Stops serving and drops the connections that are open. */
  close(): Promise<void>;
}

/** Bytes of a request's line and headers; many times what a scraper sends. */
const headersAtMost = 8_192;

/** More callers at once than a worker has, and fewer than would take its file descriptors away. */
const connectionsAtMost = 100;

const allowedMethods: readonly string[] = ['GET', 'HEAD'];

/**
 * Serves `/healthz` (the process lives), `/readyz` (it does work, and would get it done) and `/metrics`, until it is
 * closed, to who asks for it by a name that is its own. Throws `busy` when the place is taken, and `configuration` when
 * there is no listening at it.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { onFailure = () => undefined, host, hosts = [] } = options;
  const answers = createAnswers(options);
  const server = createPatientServer(options.patienceMs ?? 5_000);
  server.on('request', (request, response) => {
    answerRequest(answers, request, [host, ...hosts])
      .catch((error: unknown) => {
        onFailure(request.url ?? '', error);
        return asText(500, 'Rollcall failed to answer.');
      })
      .then((answer) => deliver(response, answer))
      // Nothing that is asked from outside may end the worker.
      .catch(() => response.destroy());
  });
  const url = await listen(server, options);
  server.on('error', (error) => onFailure('', error));
  return { url, close: () => close(server) };
}

/** A server that gives no caller more time, bytes or connections than one that means well needs. */
function createPatientServer(patienceMs: number): Server {
  const server = createServer({
    headersTimeout: patienceMs,
    requestTimeout: patienceMs,
    keepAliveTimeout: patienceMs,
    connectionsCheckingInterval: Math.min(patienceMs, 1_000),
    maxHeaderSize: headersAtMost,
  });
  // Longer than an answer may take: for a caller that does not read it.
  server.timeout = 3 * patienceMs;
  server.maxConnections = connectionsAtMost;
  return server;
}

async function answerRequest(
  answers: Answers,
  { method = '', url: target = '', headers }: IncomingMessage,
  ours: readonly string[],
): Promise<Answer> {
  if (!isOurHost(headers.host, ours)) return asText(421, otherHost);
  const [path = ''] = target.split('?');
  const answer = answers.get(path);
  if (answer === undefined) return asText(404, `There is ${[...answers.keys()].join(', ')}.`);
  if (!allowedMethods.includes(method)) return asText(405, `There is ${allowedMethods.join(', ')}.`);
  return answer();
}

const otherHost =
  'Nobody is served under this name. ROLLCALL_HTTP_HOSTS is where the worker is told its names; addresses will do too.';

function deliver(response: ServerResponse, { status, contentType, body }: Answer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: allowedMethods.join(', ') } : {}),
  });
  response.end(body);
}

async function listen(server: Server, { host, port }: HealthServerOptions): Promise<string> {
  try {
    server.listen(port, host.replaceAll(/^\[|\]$/g, ''));
    await once(server, 'listening');
  } catch (error) {
    throw explainListenError(error, `${host}:${port}`);
  }
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('Expected a TCP address to listen on.');
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${name}:${address.port}`;
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has the port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'this user may not use that port',
  ENOTFOUND: 'there is no such host',
};

function explainListenError(error: unknown, place: string): RollcallError {
  const code = codeOf(error);
  const reason = reasons[code] ?? describeError(error);
  return new RollcallError(
    // What may be over in a moment, and is worth another try.
    code === 'EADDRINUSE' || code === 'EAI_AGAIN' ? 'busy' : 'configuration',
    `Cannot serve health and metrics at ${place}: ${reason}. Set ROLLCALL_HTTP to another host:port, to a port, or to off.`,
    { cause: error },
  );
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
