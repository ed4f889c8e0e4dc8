import { setTimeout } from 'node:timers/promises';

/** Milliseconds between two looks at what another process has. */
export const pauseMs = 2_000;

/** Lets some time pass. Ends early, without complaint, when the process is told to stop: the next look at it says so. */
export async function pause(signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(pauseMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
