import { TransientFailure } from './transient.ts';

/** Far more than a page of 50 organizations with every permission takes. */
const largestBody = 32 * 1024 * 1024;

/** The whole body as text. Throws {@link TransientFailure} beyond 32 MiB, so that no answer can exhaust the memory. */
export async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const chunks: AsyncIterable<Uint8Array> | null = response.body;
  for await (const chunk of chunks ?? []) {
    bytes += chunk.byteLength;
    if (bytes > largestBody) throw new TransientFailure(`${response.status} with a body of more than 32 MiB`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
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
