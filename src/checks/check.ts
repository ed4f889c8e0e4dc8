/** What is looked at. The same name is the same thing in every version. */
export type CheckName =
  | 'configuration'
  | 'database'
  | 'clock'
  | 'migrations'
  | 'queue'
  | 'history'
  | 'workers'
  | 'principals'
  | 'credentials'
  | 'identity'
  | 'runs'
  | 'held'
  | 'ping'
  | 'reports'
  | 'routes'
  | 'mail'
  | 'test_mail'
  | 'webhook'
  | 'test_webhook'
  | 'schedule';

/**
 * - `ok`: it would work
 * - `warn`: it would work, but somebody should know or do something
 * - `fail`: it would not work
 */
export type CheckState = 'ok' | 'warn' | 'fail';

/** What a look is about. */
export interface Subject {
  check: CheckName;
  /** Left out where it is about all of them. */
  principal?: string;
}

/** One thing that was looked at, what was found, and what to do about it. Never with a secret. */
export interface Check extends Subject {
  state: CheckState;
  /** Without a full stop. */
  found: string;
  /** Whole sentences; `null` where there is nothing to be done. */
  remedy: string | null;
}

/** A check that found that it would work, with nothing to be done. */
export function ok(subject: Subject, found: string): Check {
  return { ...subject, state: 'ok', found, remedy: null };
}

/** A check that found that it would work, but that somebody should know something or do something. */
export function warn(subject: Subject, found: string, remedy: string | null): Check {
  return { ...subject, state: 'warn', found, remedy };
}

/** A check that found that it would not work, with what to do about it. */
export function fail(subject: Subject, found: string, remedy: string): Check {
  return { ...subject, state: 'fail', found, remedy };
}

/** `1 recipient`, `3 recipients` */
export function countOf(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
