import pRetry, { AbortError } from 'p-retry';
import { transferForStatus } from '../cloudflare/http/transfer.ts';
import { findWay } from '../cloudflare/http/way.ts';
import { type Config } from '../config.ts';
import { type PrincipalConfig } from '../config/principals.ts';
import { describeError } from '../domain/errors.ts';
import { noProxies, type Proxies } from '../domain/proxies.ts';
import { readSource } from '../domain/source.ts';
import { type Log } from '../log.ts';

type Event = 'start' | 'success' | 'failure';

/** As Healthchecks has it, and what understands the same. */
const pathOf: Readonly<Record<Event, string>> = { start: '/start', success: '', failure: '/fail' };

const timeoutMs = 10_000;

/**
 * Does a run's work, and announces its start and its end at the principal's ping URL, if it has one. A run that was
 * interrupted has no end: another goes on with it, or the silence is the alarm. No ping that fails keeps a run from
 * its work.
 */
export async function withPings<T extends { outcome: string }>(
  { log, config, retryPauseMs = 500 }: { log: Log; config?: Pick<Config, 'proxies'>; retryPauseMs?: number },
  { name, pingUrl }: PrincipalConfig,
  work: () => Promise<T>,
): Promise<T> {
  if (pingUrl === null) return work();
  const ping = async (event: Event): Promise<void> => {
    try {
      await send(`${readSource(pingUrl).reveal().replace(/\/$/, '')}${pathOf[event]}`, {
        proxies: config?.proxies ?? noProxies,
        retryPauseMs,
      });
    } catch (error) {
      log.warn({ principal: name, event, error: describeError(error) }, 'ping failed');
    }
  };
  const started = ping('start');
  const result = await work();
  await started;
  if (result.outcome !== 'interrupted') await ping(result.outcome === 'complete' ? 'success' : 'failure');
  return result;
}

/** Follows no redirect: whoever answers for the ping service could send the worker to any other host in its network. */
async function send(
  url: string,
  { proxies, retryPauseMs }: { proxies: Proxies; retryPauseMs: number },
): Promise<void> {
  const address = new URL(url);
  const { agent } = findWay(address, proxies);
  await pRetry(
    async () => {
      const signal = AbortSignal.timeout(timeoutMs);
      const status = await transferForStatus(address, { method: 'POST', headers: {}, agent, signal });
      if (status >= 300 && status < 400) throw new AbortError(redirected(status));
      if (status < 200 || status >= 300) throw new Error(`the answer was ${status}`);
    },
    { retries: 2, minTimeout: retryPauseMs },
  );
}

function redirected(status: number): string {
  return `the answer was ${status}, and a redirect is not followed: correct the ping URL`;
}
