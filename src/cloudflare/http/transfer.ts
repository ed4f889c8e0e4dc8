import http from 'node:http';
import https from 'node:https';
import { type AnswerHeaders, type Body, readBody } from './body.ts';

/** A request as it goes over the wire; the length of its body and `accept-encoding` are added. */
export interface TransferOptions {
  method: string;
  headers: Record<string, string>;
  /** Default: none. */
  body?: string;
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
export async function transfer(
  address: URL,
  { method, body = '', signal, ...options }: TransferOptions,
): Promise<Transferred> {
  const { request } = address.protocol === 'https:' ? https : http;
  // A body is sent with a length that is known, and no body without any: node:http sends a DELETE's without either.
  const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const headers = { ...options.headers, ...length, 'accept-encoding': 'gzip' };
  return new Promise((resolve, reject) => {
    const sent = request(address, { method, headers }, (answer) => {
      const { statusCode: status = 0 } = answer;
      readBody(answer).then((whole) => resolve({ status, headers: lookUp(answer), ...whole }), reject);
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
