import { type SQL } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { holdsByPolicyAlone } from '../domain/access.ts';
import { type Membership } from '../domain/membership.ts';
import { type ClaimedRun } from '../domain/run.ts';
import { type SourceChange } from '../domain/source-change.ts';
import { type Baseline } from './baseline.ts';
import { openRoll, readRoll } from './open-roll.ts';

/** A change of source, and the organizations in which a policy alone gives Super Administrator, by the source that tells it. */
export interface FoundSourceChange extends SourceChange {
  heldByPolicy: Pick<Membership, 'organizationId' | 'organizationName'>[];
}

/**
 * That a run was read from another source than its baseline; `null` where it was not. Ask before it is stored: `seen` is the roll
 * that it saw, and the open one is its baseline's still.
 */
export async function findSourceChange(
  tx: Database,
  { run, baseline, seen }: { run: ClaimedRun; baseline: Baseline; seen: SQL },
): Promise<FoundSourceChange | null> {
  const [from, to] = [baseline.source, run.source];
  if (from === to) return null;
  const heldByPolicy: FoundSourceChange['heldByPolicy'] = [];
  await readRoll(tx, to === 'memberships' ? seen : openRoll(run.principal), (membership) => {
    const { organizationId, organizationName } = membership;
    if (holdsByPolicyAlone(membership)) heldByPolicy.push({ organizationId, organizationName });
  });
  return { from, to, heldByPolicy };
}
