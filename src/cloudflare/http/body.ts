import { type IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { visible } from '../../domain/visible.ts';
import { createPieces } from './pieces.ts';
import { TransientFailure } from './transient.ts';

/** Far more than a page of 50 organizations with every permission takes. */
const largestBody = 32 * 1024 * 1024;

/** The whole body of an answer, decompressed and decoded as UTF-8. */
export interface Body {
  text: string;
  /** As they came out of the transfer, decompressed. */
  bytes: number;
}

/** The headers of an answer, by their names in lower case. */
export interface AnswerHeaders {
  get(name: string): string | null;
}

/** The whole body as text. Throws {@link TransientFailure} beyond 32 MiB, so that no answer can exhaust the memory. */
export async function readBody(answer: IncomingMessage): Promise<Body> {
  const unpacked = unpack(answer);
  const pieces = createPieces();
  let bytes = 0;
  // Not `for await`, which costs a page as much again as all else that is done with its body.
  return new Promise((resolve, reject) => {
    unpacked.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      pieces.add(chunk);
      if (bytes > largestBody) {
        unpacked.destroy(new TransientFailure(`${answer.statusCode} with a body of more than 32 MiB`));
      }
    });
    unpacked.on('error', reject);
    unpacked.on('end', () => resolve({ text: decode(pieces.all, bytes), bytes }));
  });
}

/** Where the chunks of a page are put together, which ends before anything else begins. */
const joined = Buffer.allocUnsafeSlow(64 * 1024);

/** In one piece: text that is joined from pieces takes JSON.parse twice the time. */
function decode(chunks: readonly Buffer[], bytes: number): string {
  const [only = joined] = chunks;
  if (chunks.length === 1) return new TextDecoder().decode(only);
  if (bytes > joined.length) return new TextDecoder().decode(Buffer.concat(chunks));
  let end = 0;
  for (const chunk of chunks) end += chunk.copy(joined, end);
  return new TextDecoder().decode(joined.subarray(0, end));
}

function unpack(answer: IncomingMessage): Readable {
  const encoding = answer.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return answer;
  if (encoding !== 'gzip')
    throw new TransientFailure(`${answer.statusCode} with a body in ${visible(encoding)}`);
  // What goes wrong with either ends both, and comes out of the one that is read.
  return pipeline(answer, createGunzip(), () => undefined);
}

/** Whether this is a web page where JSON should be: a firewall, a proxy or an error page speaks, not the API. */
export function isWebPage(text: string, headers: AnswerHeaders): boolean {
  return headers.get('content-type')?.includes('html') === true || text.trimStart().startsWith('<');
}

/** The body as JSON, or `undefined` when it is not whole JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a body is that is not whole JSON. */
export function describeBody(text: string, headers: AnswerHeaders): string {
  if (text.trim() === '') return 'an empty body';
  if (isWebPage(text, headers)) return 'a web page';
  return `${text.length} characters that are not whole JSON`;
}
