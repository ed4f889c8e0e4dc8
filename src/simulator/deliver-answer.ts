import { type ServerResponse } from 'node:http';
import { type Answer } from './answers.ts';
import { type Delivery } from './fault-effects.ts';

/**
 * Sends an answer, whole or as a fault wants it. A stalled one stays open until the client or the simulator closes the
 * connection.
 */
export function deliverAnswer(response: ServerResponse, answer: Answer, delivery: Delivery): void {
  if (delivery === 'stall-headers') return;
  if (delivery === 'reset-headers') {
    response.socket?.resetAndDestroy();
    return;
  }
  const body = bodyOf(answer);
  const half = body.subarray(0, Math.floor(body.length / 2));
  const length = delivery === 'cut' ? half.length : body.length;
  response.writeHead(answer.status, { ...headersOf(answer, length), ...answer.headers });
  switch (delivery) {
    case 'whole':
      response.end(body);
      break;
    case 'cut':
      response.end(half);
      break;
    case 'cut-short':
      response.write(half, () => response.socket?.end());
      break;
    case 'stall-body':
      response.write(half);
      break;
    case 'reset-body':
      response.write(half, () => response.socket?.resetAndDestroy());
      break;
  }
}

function bodyOf({ json, html }: Answer): Buffer {
  if (html !== undefined) return Buffer.from(html);
  return Buffer.from(json === undefined ? '' : JSON.stringify(json));
}

function headersOf({ status, json, html }: Answer, length: number): Record<string, string | number> {
  if (status === 204) return {};
  if (html === undefined && json === undefined) return { 'content-length': length };
  const type = html === undefined ? 'application/json' : 'text/html; charset=UTF-8';
  return { 'content-type': type, 'content-length': length };
}
