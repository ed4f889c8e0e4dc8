/** An answer before it is sent: JSON, HTML, or no body at all. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly html?: string;
}

/** An error as it stands in Cloudflare's envelope. */
export interface ApiError {
  readonly code: number;
  readonly message: string;
  /** The finer reason. Not in the schema, but sent. */
  readonly error_chain?: readonly ApiError[];
}

/** Cloudflare's envelope. `result_info` is there for lists. */
export interface Envelope {
  readonly success: boolean;
  readonly errors: readonly ApiError[];
  readonly messages: readonly unknown[];
  readonly result: unknown;
  readonly result_info?: Readonly<Record<string, unknown>>;
}

/** A success, enveloped. */
export function found(result: unknown): Answer {
  const envelope: Envelope = { success: true, errors: [], messages: [], result };
  return { status: 200, json: envelope };
}

/** A refusal, enveloped: `result` is null. */
export function refused(status: number, error: ApiError): Answer {
  const envelope: Envelope = { success: false, errors: [error], messages: [], result: null };
  return { status, json: envelope };
}

/** The refusal of an id that the user has no membership by. */
export function unknownMember(): Answer {
  return refused(404, { code: 1003, message: 'Member not found for account' });
}

/** The page that stands in front of an API that is not there. */
export function htmlPage(status: number): Answer {
  const html = [
    '<!DOCTYPE html>',
    `<html><head><title>${status}: Cloudflare</title></head>`,
    `<body><h1>Error ${status}</h1><p>Please try again in a few minutes. {"success": true} means nothing here.</p></body></html>`,
    '',
  ].join('\n');
  return { status, html };
}
