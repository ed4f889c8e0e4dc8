import http from 'node:http';
import https from 'node:https';
import { type AnswerHeaders, type Body, readBody } from './body.ts';

/** A request as it goes over the wire; the length of its body and `accept-encoding` are added. */
export interface TransferOptions {
  method: string;
  headers: Record<string, string>;
  /** Default: none. */
  body?: string;
  /** The connections by which it goes. */
  agent: http.Agent;
  /** Ends it at any point. It is this transfer's own: the listener stays with it. */
  signal: AbortSignal;
}

/** What came over the wire, whatever its status; a redirect is an answer like any other. */
export interface Transferred extends Body {
  status: number;
  headers: AnswerHeaders;
}

/**
 * Sends one request and reads the whole answer; follows no redirect, for the key would go along to wherever it points.
 * By node:http, over its own agent and the connections that it keeps: the built-in fetch takes twice the processor's
 * time, which was most of what a long listing took. Rejects with what the network, the signal or the body met.
 */
export async function transfer(address: URL, options: TransferOptions): Promise<Transferred> {
  return sendOver(address, options, async (answer) => {
    const { statusCode: status = 0 } = answer;
    return { status, headers: lookUp(answer), ...(await readBody(answer)) };
  });
}

/** As {@link transfer}, for the status alone: what follows it is not read, be it without end. */
export async function transferForStatus(address: URL, options: TransferOptions): Promise<number> {
  return sendOver(address, options, (answer) => {
    answer.destroy();
    return Promise.resolve(answer.statusCode ?? 0);
  });
}

function sendOver<T>(
  address: URL,
  { method, body = '', agent, signal, ...options }: TransferOptions,
  read: (answer: http.IncomingMessage) => Promise<T>,
): Promise<T> {
  const { request } = address.protocol === 'https:' ? https : http;
  // A body is sent with a length that is known, and no body without any: node:http sends a DELETE's without either.
  const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const headers = { ...options.headers, ...length, 'accept-encoding': 'gzip' };
  return new Promise((resolve, reject) => {
    const sent = request(address, { method, headers, agent }, (answer) => {
      read(answer).then(resolve, reject);
    });
    // Stays there: an answer that breaks off is told to the request as well.
    sent.on('error', reject);
    // Node.js hands over the connection, and tells the request nothing more of it.
    sent.on('upgrade', (_, connection) => {
      connection.destroy();
      reject(new Error('the server went over to another protocol'));
    });
    const end = () => {
      sent.destroy();
      // Whatever becomes of the request: it must not outlive its deadline.
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', end, { once: true });
    sent.end(body);
  });
}

function lookUp({ headers }: http.IncomingMessage): AnswerHeaders {
  return {
    get(name) {
      const value = headers[name];
      return (Array.isArray(value) ? value.join(', ') : value) ?? null;
    },
  };
}
