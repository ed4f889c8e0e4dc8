import * as z from 'zod';
import { RollcallError } from '../domain/errors.ts';
import { createInterning, type Interning } from '../domain/interning.ts';
import { type Membership } from '../domain/membership.ts';
import { type RunSource } from '../domain/run.ts';
import { type AskOptions, type Client } from './http/client.ts';
import { nameQuestion, type Question } from './http/question.ts';
import { listSources } from './sources/all.ts';
import { type ListedRow } from './sources/source.ts';

/** The largest page that the API serves. */
export const largestPage = 50;

/** One page of a list, with what the API says of it; `null` where it does not say. */
export interface ListPage {
  rows: ListedRow[];
  page: number | null;
  perPage: number | null;
  /** All rows of the list, whatever the filters. */
  totalCount: number | null;
  /** Of the answer. */
  bytes: number;
}

/** How a page is asked for, and where its roles, permissions and policies are kept. */
export interface PageOptions extends AskOptions {
  /** Which list. Default: the client's. */
  source?: RunSource;
  /** Where equal sets are one object. Default: within the page alone. */
  interning?: Interning;
}

/**
 * One page of the list that the client's roll is read from; the parameters are that endpoint's, by its names. Throws
 * `incomplete` for an answer that is not what the API describes.
 */
export async function readPage(
  client: Client,
  query: Readonly<Record<string, string | number>>,
  { source = client.source, interning = createInterning(), ...asking }: PageOptions = {},
): Promise<ListPage> {
  const list = listSources[source];
  const question = { method: 'GET', path: list.path, query, roll: { source, part: 'list' } } as const;
  const { body, bytes } = await client.ask(question, asking);
  const { rows, info } = requireParsed(client, question, list.parse(body, interning));
  return {
    rows,
    page: info?.page ?? null,
    perPage: info?.per_page ?? null,
    totalCount: info?.total_count ?? null,
    bytes,
  };
}

/** How a list is asked for, by our names: parameters of its endpoint, and how large a page is. */
export interface Parameters {
  /** Pages have no common order unless one is asked for. Default: id. */
  order?: string;
  /** From 1. */
  page?: number;
  /** From 5 to 50. */
  perPage?: number;
}

/** A page as it is browsed: what is listed, on a roll or declined. */
export interface BrowsedPage extends ListPage {
  memberships: Membership[];
}

/** One page of a source's list, for looking. Throws as {@link readPage} does. */
export async function listPage(
  client: Client,
  { perPage, order = 'id', ...rest }: Parameters,
  options: PageOptions & { source: RunSource },
): Promise<BrowsedPage> {
  const query = { ...rest, order, ...(perPage === undefined ? {} : { per_page: perPage }) };
  const page = await readPage(client, query, options);
  return { ...page, memberships: page.rows.map(({ membership }) => membership) };
}

/** What was parsed. Throws `incomplete` with the first thing that is not as described. */
export function requireParsed<T extends object>(
  client: Client,
  question: Omit<Question, 'principal'>,
  parsed: T | z.ZodError,
): T {
  if (!(parsed instanceof z.ZodError)) return parsed;
  const [issue] = parsed.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.join('.');
  const what = issue?.message.replace(/^Invalid input: /, '') ?? 'malformed';
  throw new RollcallError(
    'incomplete',
    `${client.principal}: the answer to ${nameQuestion(question)} is not what the API describes: ${where}: ${what}.`,
    { cause: parsed },
  );
}
