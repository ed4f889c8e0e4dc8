import { type Night, type Roll } from './roll.ts';
import { type Place } from './work.ts';

export interface Case {
  database: Place['kind'];
  roll: Roll;
  repeats: number;
  /** Whether the plain way and the listings alone are measured too. */
  besidePlain: boolean;
  targets: {
    /** Of the plain way's time, at most. */
    shares: Readonly<Record<Night, number>> | null;
    /** At most, for the nights after the first. */
    megabytes: number | null;
  };
}

/** By how many permissions each membership has, the names that `--only` takes. */
export const rolls = ['2-6', '36', '100'] as const;
export const databases = ['postgres', 'embedded'] as const;

/** One part of the benchmark; the embedded database itself takes too much memory for the targets of memory. */
export function caseOf(
  database: Place['kind'],
  only: (typeof rolls)[number],
  { memberships, repeats }: { memberships: number; repeats: number },
): Case {
  const mostMegabytes = (megabytes: number) => (database === 'postgres' ? megabytes : null);
  const roll = (least: number, most = least): Roll => ({ memberships, permissions: [least, most] });
  if (only === '2-6') {
    const shares = { first: 0.7, quiet: 0.08, changed: 0.35 };
    const targets = { shares, megabytes: mostMegabytes(300) };
    return { database, roll: roll(2, 6), repeats, besidePlain: true, targets };
  }
  if (only === '36') {
    const targets = { shares: null, megabytes: mostMegabytes(400) };
    return { database, roll: roll(36), repeats, besidePlain: false, targets };
  }
  const targets = { shares: null, megabytes: null };
  return { database, roll: roll(100), repeats: 1, besidePlain: false, targets };
}
