import { type Interval } from '../domain/audit.ts';
import { standings, type Stretch } from './data.ts';
import { standingOf, toldAccess } from './memberships.ts';
import { type Packer } from './packer.ts';

/**
 * The stretches of a membership in which its status and roles were the same: a new name or other permissions begin no new
 * one.
 */
export function stretchesOf(intervals: readonly Interval[], packer: Packer): Stretch[] {
  const stretches: Stretch[] = [];
  for (const interval of intervals) {
    const roles = packer.set(toldAccess(interval));
    const status = packer.text(interval.status ?? 'unknown');
    const standing = standings.indexOf(standingOf(interval));
    const [from, to] = [interval.from.getTime(), interval.to?.getTime() ?? -1];
    const before = stretches.at(-1);
    const isSame = before?.[1] === from && before[3] === status && before[4] === roles;
    if (isSame) stretches.splice(-1, 1, [before[0], to, standing, status, roles]);
    else stretches.push([from, to, standing, status, roles]);
  }
  return stretches;
}
