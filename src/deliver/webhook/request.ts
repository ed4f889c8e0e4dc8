import http from 'node:http';
import https from 'node:https';
import { type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Where a request goes, and what ends it. */
export interface RequestOptions {
  url: URL;
  /** The connections by which it goes. */
  agent: http.Agent;
  headers: Record<string, string>;
  /** Ends it at any point, with its own reason. */
  signal: AbortSignal;
}

/** How far a request came. */
export interface Progress {
  /** Whether there was a connection, in TLS where the URL has it. */
  connected: boolean;
  /** Whether all of the body was handed to the system, so that the other side may have it. */
  handedOver: boolean;
}

/** A status, and the beginning of what was said with it. */
export interface Answer {
  status: number;
  /** Default: nothing that is of use. */
  text: string;
}

/** Far more than is told of an answer. */
const mostBytes = 4096;

/**
 * Posts a body over a connection of its own and reads the status, of anything but a success with the beginning of what is
 * said; follows no redirect. `progress` is kept up to date. Rejects with what the network or the signal met.
 */
export async function post(options: RequestOptions, body: string, progress: Progress): Promise<Answer> {
  return withRequest(options, async (request, broken) => {
    await Promise.race([untilConnected(request), broken]);
    progress.connected = true;
    request.on('finish', () => (progress.handedOver = true));
    request.end(body);
    const answer = await Promise.race([untilAnswered(request), broken]);
    const { statusCode: status = 0 } = answer;
    return { status, text: isSuccess(status) ? '' : await readBeginning(answer, broken) };
  });
}

/** Connects, in TLS where the URL has it, and sends nothing. Rejects with what the network or the signal met. */
export async function connect(options: RequestOptions): Promise<void> {
  await withRequest(options, (request, broken) => Promise.race([untilConnected(request), broken]));
}

/** Whether a status says that what was posted is taken. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/**
 * Opens a request, whose connection is gone when the work is done, or cannot be. `broken` rejects with what keeps the request
 * from going on.
 */
async function withRequest<T>(
  { url, agent, headers, signal }: RequestOptions,
  work: (request: http.ClientRequest, broken: Promise<never>) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const { request } = url.protocol === 'https:' ? https : http;
  const opened = request(url, { method: 'POST', agent, headers });
  const broken = new Promise<never>((_, reject) => {
    // Stays there: an answer that breaks off is told to the request as well.
    opened.on('error', reject);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  try {
    return await work(opened, broken);
  } finally {
    opened.destroy();
  }
}

/** Until then nothing of a request is sent, its headers neither: Node.js waits for the body. */
async function untilConnected(request: http.ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    request.once('socket', (socket) => {
      if (isConnected(socket)) resolve();
      else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => resolve());
    });
  });
}

/** Node.js keeps `secureConnecting` on every TLS socket until its handshake is over; its types leave it out. */
function isConnected(socket: Socket): boolean {
  return !socket.connecting && !('secureConnecting' in socket && socket.secureConnecting === true);
}

function untilAnswered(request: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve).once('upgrade', (_, socket) => {
      socket.destroy();
      reject(new Error('the server went over to another protocol'));
    });
  });
}

/** What came before it was enough, ended or broke off: the status is known, and says more. */
async function readBeginning(answer: http.IncomingMessage, broken: Promise<never>): Promise<string> {
  const chunks: Buffer[] = [];
  const read = async () => {
    let bytes = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= mostBytes) break;
    }
  };
  await Promise.race([read(), broken]).catch(() => undefined);
  return Buffer.concat(chunks).subarray(0, mostBytes).toString('utf8');
}
