/** Two clocks that differ by less than this agree: how long it takes to ask is in it, and no night turns on two minutes. */
export const clockToleranceMs = 2 * 60_000;

/** Whether something in the past lies so far after `now` that a clock must have been ahead when it was noted. */
export function liesAhead(past: Date, now: Date): boolean {
  return past.getTime() - now.getTime() > clockToleranceMs;
}

/** `3 hours`, `365 days`: how far clocks are apart. */
export function nameSpan(ms: number): string {
  const units = [
    { ms: 86_400_000, name: 'day' },
    { ms: 3_600_000, name: 'hour' },
    { ms: 60_000, name: 'minute' },
  ];
  const unit = units.find((one) => Math.abs(ms) >= one.ms) ?? { ms: 1000, name: 'second' };
  const count = Math.round(Math.abs(ms) / unit.ms);
  return `${count} ${unit.name}${count === 1 ? '' : 's'}`;
}
