import { type Client, createClient } from '../cloudflare/http/client.ts';
import { withDeadline } from '../cloudflare/http/deadline.ts';
import { readUserId } from '../cloudflare/identity.ts';
import { largestPage, type ListPage, readPage } from '../cloudflare/page.ts';
import { type PrincipalConfig } from '../config/principals.ts';
import { type Credentials } from '../domain/credentials.ts';
import { sourcePaths } from '../domain/run.ts';
import { readSource, type Source } from '../domain/source.ts';
import { type Check, countOf, ok } from './check.ts';
import { failure } from './failure.ts';
import { clientOptionsOf } from '../context/client-options.ts';
import { type Config } from '../config.ts';

/** For a principal's few questions, retries included. */
const timeoutMs = 30_000;

/** Patient enough for a hiccup, and not for what a night would wait out. */
const patience = { timeoutMs: 8_000, retries: 2 };

/** Who the credentials belong to: `withheld` where they may not read it, `unknown` where nobody was told. */
export type CloudflareUser = { id: string } | 'withheld' | 'unknown';

/** Whether the credentials let a run read its listing, and whose they are. */
export interface CloudflareLook {
  credentials: Check;
  user: CloudflareUser;
}

/** Asks Cloudflare what a run asks it first: who this is, and the first page of the listing. */
export async function lookAtCloudflare(
  principal: PrincipalConfig,
  config: Pick<Config, 'cloudflareBaseUrl' | 'proxies'>,
  signal: AbortSignal,
): Promise<CloudflareLook> {
  return withDeadline(
    (ending) => {
      const options = clientOptionsOf(principal, config);
      return ask(createClient({ ...options, ...patience, signal: ending }), principal.credentials);
    },
    { timeoutMs, signal },
  );
}

async function ask(client: Client, source: Source<Credentials>): Promise<CloudflareLook> {
  const subject = { check: 'credentials', principal: client.principal } as const;
  let user: CloudflareUser = 'unknown';
  try {
    const id = await readUserId(client);
    if (id !== null) user = { id };
    const page = await readPage(client, { order: 'id', page: 1, per_page: largestPage });
    const credentials = ok(
      subject,
      `${describeKind(readSource(source))}; ${describePage(page)} in ${sourcePaths[client.source]}`,
    );
    return { credentials, user: id === null ? 'withheld' : user };
  } catch (error) {
    return { credentials: failure(subject, error, unreachable), user };
  }
}

function describeKind(credentials: Credentials): string {
  return credentials.kind === 'token' ? 'API token' : `Global API Key of ${credentials.email}`;
}

function describePage({ totalCount, rows }: ListPage): string {
  const listed = countOf(totalCount ?? rows.length, 'organization');
  return totalCount === null ? `at least ${listed}, for the total is not said` : listed;
}

const unreachable =
  "Cloudflare is slow (see www.cloudflarestatus.com) or lets this user wait for its rate limit, or something is in this machine's way to it.";
