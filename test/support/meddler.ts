import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** What is made of the bytes of one message or several, on their way. */
export type Meddling = (bytes: Buffer) => Buffer;

/** Who meddles with a connection, each of which has one of its own. */
export interface Meddler {
  toServer?: Meddling;
  toClient?: Meddling;
}

/** The URL of a server as it is reached through somebody who meddles; gone with the test. */
export async function throughMeddler(url: string, createMeddler: () => Meddler): Promise<string> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const meddler = createServer((client) => {
    const { toServer = same, toClient = same } = createMeddler();
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => [client, server].forEach((one) => one.destroy()));
    }
    client.on('data', (bytes) => server.write(toServer(bytes)));
    server.on('data', (bytes) => client.write(toClient(bytes)));
  });
  meddler.listen(0, '127.0.0.1');
  await once(meddler, 'listening');
  onTestFinished(() => {
    meddler.close();
    for (const socket of sockets) socket.destroy();
  });
  const through = new URL(url);
  const address = meddler.address();
  through.port = String(typeof address === 'object' && address !== null ? address.port : '');
  return through.href;
}

function same(bytes: Buffer): Buffer {
  return bytes;
}

/** Bytes with each occurrence of some replaced by others; a message that arrives in two parts may escape it. */
export function replacing(found: Buffer, replacement: Buffer): Meddling {
  return (bytes) => {
    const parts: Buffer[] = [];
    let rest = bytes;
    for (let at = rest.indexOf(found); at !== -1; at = rest.indexOf(found)) {
      parts.push(rest.subarray(0, at), replacement);
      rest = rest.subarray(at + found.length);
    }
    return Buffer.concat([...parts, rest]);
  };
}
