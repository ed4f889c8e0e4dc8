/** `2026-03-31` */
export function day(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

/** `2026-03-31 02:00:05 UTC` */
export function second(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `10,000` */
export function number(count: number): string {
  return count.toLocaleString('en-US');
}
