import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { type Identity } from '../smtp/certificates.ts';

/** A request as it came. */
export interface Call {
  path: string;
  method: string;
  headers: Record<string, string>;
  body: string;
}

export type Respond = (response: http.ServerResponse, request: http.IncomingMessage) => void;

export interface WebhookServer {
  port: number;
  url: string;
  /** Those whose body came whole. */
  calls: Call[];
  /** Connections so far, be anything said on them or not. */
  connections: Socket[];
}

export interface WebhookServerOptions {
  /** What is answered to a whole request. Default: 204. */
  respond?: Respond;
  /** What becomes of a request before its body is read. Default: it is read. */
  meet?: Respond;
  /** Speaks TLS. Default: no. */
  identity?: Identity;
}

/** A real HTTP server on this machine, gone with the test. */
export async function startWebhookServer({
  respond = (response) => response.writeHead(204).end(),
  meet,
  identity,
}: WebhookServerOptions = {}): Promise<WebhookServer> {
  const calls: Call[] = [];
  const connections: Socket[] = [];
  const listener = (request: http.IncomingMessage, response: http.ServerResponse) => {
    request.on('error', () => undefined);
    if (meet !== undefined) {
      meet(response, request);
      return;
    }
    void text(request).then(
      (body) => {
        const { url: path = '', method = '' } = request;
        const headers = request.headers as Record<string, string>;
        calls.push({ path, method, headers, body });
        respond(response, request);
      },
      () => undefined,
    );
  };
  const server =
    identity === undefined ? http.createServer(listener) : https.createServer(identity, listener);
  server.on('connection', (socket: Socket) => connections.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
    connections.forEach((socket) => socket.destroy());
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http${identity === undefined ? '' : 's'}://127.0.0.1:${port}/hooks/Quokka4f9bPath`,
    calls,
    connections,
  };
}
