import * as z from 'zod';
import { type Context } from '../context.ts';
import { type Attempt, attemptDelivery } from '../deliver/attempt.ts';
import { mailWay, readWay, type Way } from '../deliver/way.ts';
import { type Drain } from '../queue/queue.ts';

const payload = z.object({ deliveryId: z.int() });

/** Attempts the delivery that a job of the queue names; `null` when it is not owed any more. */
export function deliverQueued(context: Context, data: unknown): Promise<Attempt | null> {
  const { db, mailer, webhooks, config, now } = context;
  const { deliveryId } = payload.parse(data);
  const { mailFrom, command } = config;
  return attemptDelivery({ db, mailer, webhooks, mailFrom, command, now }, deliveryId);
}

/**
 * Sends every delivery that is owed, each once, without waiting for its backoff, and tells of each attempt. Where the mail
 * server or a webhook is away, the others that go there are not attempted: they would meet the same, one after the other.
 */
export function deliverAll(context: Context): Promise<Attempt[]> {
  return deliverEach(context, (handle, signal) => context.queue.drain('deliver', handle, signal));
}

/** Sends the deliveries that `drain` hands out, as far as they are owed, and tells of each attempt; ends as `deliverAll` does. */
export async function deliverEach(context: Context, drain: Drain): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  const away = new Set<Way>();
  const round = new AbortController();
  const handle = async (data: unknown) => {
    if (await goesBy(context, data, away)) return 'later' as const;
    const attempt = await deliverQueued(context, data);
    if (attempt !== null) attempts.push(attempt);
    if (attempt?.awayWay != null) away.add(attempt.awayWay);
    if (waysOf(context).every((way) => away.has(way))) round.abort();
    return attempt?.isOwedStill === true ? ('later' as const) : ('done' as const);
  };
  await drain(handle, AbortSignal.any([context.signal, round.signal]));
  return attempts;
}

/** The ways that were found to be away: what goes there and was not attempted is still owed. */
export function awayIn(attempts: readonly Attempt[]): ReadonlySet<Way> {
  return new Set(attempts.flatMap(({ awayWay }) => awayWay ?? []));
}

async function goesBy({ db }: Context, data: unknown, away: ReadonlySet<Way>): Promise<boolean> {
  if (away.size === 0) return false;
  const way = await readWay(db, payload.parse(data).deliveryId);
  return way !== null && away.has(way);
}

function waysOf({ config }: Context): Way[] {
  return [mailWay, ...config.webhooks.map(({ name }) => name)];
}
