/** Work took longer than it may. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs / 1000} s`);
  }
}

/** How long work may take, and who is told how it went. */
export interface Limit<T> {
  timeoutMs: number;
  /** Told of each failure once, however many asked. */
  onFailure: (error: unknown) => void;
  /** Told of each success once. Default: nobody is told. */
  onSuccess?: (found: T) => void;
}

/**
 * `work` with a time limit, and never twice at once: whoever asks while it is under way is told the same, so that many
 * who ask cost the database no more than one. Rejects with {@link NoAnswer} once the time is over; that does not end
 * the work itself.
 */
export function shareWithin<T>(
  work: () => Promise<T>,
  { timeoutMs, onFailure, onSuccess = () => undefined }: Limit<T>,
): () => Promise<T> {
  let underWay: Promise<T> | null = null;
  const start = async (): Promise<T> => {
    try {
      const found = await finishWithin(timeoutMs, work).catch((error: unknown) => {
        onFailure(error);
        throw error;
      });
      onSuccess(found);
      return found;
    } finally {
      underWay = null;
    }
  };
  return () => (underWay ??= start());
}

async function finishWithin<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new NoAnswer(timeoutMs)), timeoutMs);
  try {
    return await Promise.race([work(), promise]);
  } finally {
    clearTimeout(timer);
  }
}
