import { TransientFailure } from './transient.ts';

/** Far more than a page of 50 organizations with every permission takes. */
const largestBody = 32 * 1024 * 1024;

export interface Body {
  text: string;
  /** As they came out of the transfer, decompressed. */
  bytes: number;
}

/** The whole body as text. Throws {@link TransientFailure} beyond 32 MiB, so that no answer can exhaust the memory. */
export async function readBody(response: Response): Promise<Body> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // A reader of its own: to iterate over a stream costs a listing of 20,000 organizations several percent.
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    bytes += read.value.byteLength;
    if (bytes > largestBody) {
      await reader?.cancel();
      throw new TransientFailure(`${response.status} with a body of more than 32 MiB`);
    }
    chunks.push(read.value);
  }
  // Decoded in one piece: text that is joined from pieces takes JSON.parse twice the time.
  return { text: new TextDecoder().decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)), bytes };
}

/** Whether this is a web page where JSON should be: a firewall, a proxy or an error page speaks, not the API. */
export function isWebPage(text: string, headers: Headers): boolean {
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
export function describeBody(text: string, headers: Headers): string {
  if (text.trim() === '') return 'an empty body';
  if (isWebPage(text, headers)) return 'a web page';
  return `${text.length} characters that are not whole JSON`;
}
