import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { codeOf } from '../database/explain.ts';
import { describeError, RollcallError } from '../domain/errors.ts';
import { type Answer, type Answers, asText, createAnswers, type HealthSources } from './answers.ts';

/** Where to listen, and what the answers are made of. */
export interface HealthServerOptions extends HealthSources {
  /** A name or an address, of IPv6 with or without brackets. */
  host: string;
  /** 0 takes one that is free. */
  port: number;
}

/** A server that listens until it is closed. */
export interface HealthServer {
  /** Where it listens: `http://`, host and port. */
  readonly url: string;
  /** Stops serving and drops the connections that are open. */
  close(): Promise<void>;
}

/** Where it listens when nobody says otherwise. */
export const defaultHttpPlace = { host: '127.0.0.1', port: 9465 } as const;

/** What a caller may take for sending its request; connections that do nothing are dropped as soon. */
const patienceMs = 5_000;

/** More callers at once than a worker has, and fewer than would take its file descriptors away. */
const connectionsAtMost = 100;

const allowedMethods: readonly string[] = ['GET', 'HEAD'];

/**
 * Serves `/healthz` (the process, and the database that it needs), `/readyz` (whether the worker takes work) and
 * `/metrics`, until it is closed. Throws `configuration` when it cannot listen at that place.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { onFailure = () => undefined } = options;
  const answers = createAnswers(options);
  const server = createServer({
    headersTimeout: patienceMs,
    requestTimeout: patienceMs,
    keepAliveTimeout: patienceMs,
    connectionsCheckingInterval: 1_000,
  });
  server.maxConnections = connectionsAtMost;
  server.on('request', (request, response) => {
    answerRequest(answers, request)
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

async function answerRequest(
  answers: Answers,
  { method = '', url: target = '' }: IncomingMessage,
): Promise<Answer> {
  const [path = ''] = target.split('?');
  const answer = answers.get(path);
  if (answer === undefined) return asText(404, `There is ${[...answers.keys()].join(', ')}.`);
  if (!allowedMethods.includes(method)) return asText(405, `There is ${allowedMethods.join(', ')}.`);
  return answer();
}

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
  EADDRINUSE: 'the port is taken',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'this user may not use that port',
  ENOTFOUND: 'there is no such host',
};

function explainListenError(error: unknown, place: string): RollcallError {
  const reason = reasons[codeOf(error)] ?? describeError(error);
  return new RollcallError(
    'configuration',
    `Cannot serve health and metrics at ${place}: ${reason}. Set ROLLCALL_HTTP to another host:port, to a port, or to off.`,
    { cause: error },
  );
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
