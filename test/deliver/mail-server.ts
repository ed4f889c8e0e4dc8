import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface MailServer extends AsyncDisposable {
  port: number;
  /** The messages that it took, as they came over the wire. */
  messages: Buffer[];
  /** Drops every connection there is. */
  drop: () => void;
}

/** A real SMTP server on this machine, without TLS or login; `given` changes it. */
export async function startMailServer(given: SMTPServerOptions = {}): Promise<MailServer> {
  const messages: Buffer[] = [];
  const smtp = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, _session, done) => {
      buffer(stream).then((message) => {
        messages.push(message);
        done(null);
      }, done);
    },
    ...given,
  });
  smtp.on('error', () => undefined);
  return { messages, ...(await listen(smtp.server, given.secure)) };
}

/**
 * A server that says what it is told to: each line from the other side is answered by `answer`, nothing by nothing.
 * For what no honest server does.
 */
export async function startScriptedServer(
  answer: (line: string) => string,
  greeting = '220 scripted',
): Promise<MailServer> {
  const server = createServer((socket) => {
    socket.write(`${greeting}\r\n`);
    socket.on('data', (data) => {
      for (const line of data.toString().split('\r\n').slice(0, -1)) {
        const reply = answer(line);
        if (reply !== '') socket.write(`${reply}\r\n`);
      }
    });
  });
  return { messages: [], ...(await listen(server)) };
}

async function listen(server: Server, inTls = false): Promise<Omit<MailServer, 'messages'>> {
  const sockets = new Set<Socket>();
  // Node.js crashes when a socket is destroyed beneath TLS.
  const drop = (): void => sockets.forEach((socket) => (inTls ? socket.end() : socket.destroy()));
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    drop,
    [Symbol.asyncDispose]: async () => {
      drop();
      server.close();
      await once(server, 'close');
    },
  };
}
