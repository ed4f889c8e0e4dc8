/** Keeps in mind when a round of the watchdog last ended. */
export interface Rounds {
  /** A round has ended. */
  note(): void;
  /** When the last one ended, where another should have ended since; `null` while all is well. */
  stuckSince(): Date | null;
}

/** Two rounds that should have ended, and a while. */
const patienceMs = 35 * 60_000;

/** Watches over the watchdog's rounds, which come every quarter of an hour: one that hangs keeps the next from coming. */
export function watchRounds(now: () => Date): Rounds {
  let endedAt = now();
  return {
    note: () => void (endedAt = now()),
    stuckSince() {
      const at = now();
      // Where a clock was set back, the time counts from here.
      if (at < endedAt) endedAt = at;
      return at.getTime() - endedAt.getTime() > patienceMs ? endedAt : null;
    },
  };
}
