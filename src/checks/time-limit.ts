import { RollcallError } from '../domain/errors.ts';

/** What `work` comes to, unless it takes longer: then throws `timed_out`. That does not end the work itself. */
export async function finishWithin<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new RollcallError('timed_out', `no answer within ${timeoutMs / 1000} s`));
  const timer = setTimeout(giveUp, timeoutMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
