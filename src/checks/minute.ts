/** `2026-11-24 02:00`, in UTC; whoever prints it says so. */
export function formatMinute(time: Date): string {
  return time.toISOString().slice(0, 16).replace('T', ' ');
}
