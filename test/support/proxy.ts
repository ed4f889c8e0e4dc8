import { once } from 'node:events';
import http from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';

/** A proxy as networks have it, which takes every host for one port of this machine. */
export interface Proxy {
  port: number;
  /** What it was asked for, and by whom: `CONNECT api.example.com:443 ops:password`. */
  asked: string[];
}

export interface ProxyOptions {
  /** Where everything goes that is asked of it, on 127.0.0.1. */
  to: number;
  /** Answers so instead of passing a request on. Default: passes all of them on. */
  refuse?: number;
}

/** Starts a proxy, gone with the test. */
export async function startProxy({ to, refuse }: ProxyOptions): Promise<Proxy> {
  const asked: string[] = [];
  const note = ({ method = '', url = '', headers }: http.IncomingMessage) => {
    const [, login = ''] = headers['proxy-authorization']?.split(' ') ?? [];
    asked.push(`${method} ${url} ${Buffer.from(login, 'base64').toString()}`.trim());
  };
  const sockets = new Set<Duplex>();
  const server = http.createServer((request, response) => {
    note(request);
    if (refuse !== undefined) {
      response.writeHead(refuse).end('denied');
      return;
    }
    const { pathname, search } = new URL(request.url ?? '');
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = http.request(
      { host: '127.0.0.1', port: to, method: request.method, path: pathname + search, headers },
      (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers)),
    );
    request.pipe(onward);
  });
  server.on('connect', (request, socket) => {
    note(request);
    keep(sockets, socket);
    if (refuse !== undefined) socket.end(`HTTP/1.1 ${refuse} Denied\r\n\r\n`);
    else tunnel(socket, keep(sockets, connect(to, '127.0.0.1')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

function keep<T extends Duplex>(sockets: Set<Duplex>, socket: T): T {
  sockets.add(socket);
  socket.on('error', () => undefined);
  return socket;
}

function tunnel(socket: Duplex, onward: Socket): void {
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
  socket.pipe(onward).pipe(socket);
}
