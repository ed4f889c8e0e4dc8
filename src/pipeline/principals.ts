import { eq } from 'drizzle-orm';
import { type Context } from '../context.ts';
import { type Database } from '../database/database.ts';
import { type KnownPrincipal } from '../database/known-principal.ts';
import { principals } from '../database/schema.ts';
import { RollcallError } from '../domain/errors.ts';
import { shellWord } from '../domain/shell-word.ts';
import { abandonDeadRuns } from '../schedule/claim.ts';
import { absorbPrincipal, findNewestRun, refuseUnknown, takePrincipals } from '../snapshot/principals.ts';

type Setting = Pick<Context, 'db' | 'now'>;

/** What a rename brought with it, and whether the principal is retired. */
export interface Renamed {
  /** Runs that were tried under the new name before, and are of the history from now on. */
  movedRuns: number;
  retiredAt: Date | null;
}

/**
 * Gives a principal another name; its whole history stays its own. What a refused first run under the new name left
 * behind becomes a part of it. Throws `usage` when there is no such principal or the new name has a history of its own,
 * and `busy` while a run of either is under way.
 */
export async function renamePrincipal({ db, now }: Setting, from: string, to: string): Promise<Renamed> {
  if (from === to) throw new RollcallError('usage', `${from} is its name already: nothing was done.`);
  return db.transaction(async (tx) => {
    const known = await tx.select({ id: principals.id }).from(principals).where(eq(principals.name, from));
    if (known.length === 0) await refuseUnknown(tx, from);
    // There from now on, so that nobody else begins to use the name meanwhile.
    await tx.insert(principals).values({ name: to, createdAt: now() }).onConflictDoNothing();
    const [renamed, namesake] = await takePrincipals(tx, [from, to]);
    if (renamed === undefined || namesake === undefined)
      throw new Error(`${from} vanished while it was renamed.`);
    for (const principal of [renamed, namesake]) await refuseWhileRunning(tx, principal, now());
    await refuseSecondHistory(tx, renamed, namesake);
    const movedRuns = await absorbPrincipal(tx, namesake, renamed);
    await tx.update(principals).set({ name: to }).where(eq(principals.id, renamed.id));
    return { movedRuns, retiredAt: renamed.retiredAt };
  });
}

/** A run goes by the name that it was claimed under. */
async function refuseWhileRunning(tx: Database, principal: KnownPrincipal, now: Date): Promise<void> {
  await abandonDeadRuns(tx, now, principal.id);
  const running = await findNewestRun(tx, principal, 'running');
  if (running === null) return;
  throw new RollcallError(
    'busy',
    `${principal.name}: run ${running.id} is under way by ${running.worker ?? 'another process'}. Nothing was done; try again once it has ended.`,
  );
}

async function refuseSecondHistory(
  tx: Database,
  renamed: KnownPrincipal,
  namesake: KnownPrincipal,
): Promise<void> {
  const complete = await findNewestRun(tx, namesake, 'complete');
  if (complete === null) return;
  throw new RollcallError(
    'usage',
    `${namesake.name} has a history of its own (its newest complete run is ${complete.id}), and two cannot become one: nothing was done. ` +
      `To end ${renamed.name} and keep its history: \`rollcall principals retire ${shellWord(renamed.name)}\`.`,
  );
}

/** Whether it has been done now, or was so before, and since when it is so. */
export interface Retired {
  isNew: boolean;
  since: Date;
}

/** From now on the principal is not current, has no runs and rings no alarm; its history stays. Throws `usage` when there is none. */
export async function retirePrincipal({ db, now }: Setting, name: string): Promise<Retired> {
  return db.transaction(async (tx) => {
    const { id, retiredAt } = await takePrincipal(tx, name);
    if (retiredAt !== null) return { isNew: false, since: retiredAt };
    const since = now();
    await tx.update(principals).set({ retiredAt: since }).where(eq(principals.id, id));
    return { isNew: true, since };
  });
}

/** Takes back that a principal was retired, and returns since when it was; `null` when it was not. Throws `usage` when there is none. */
export async function restorePrincipal({ db }: Pick<Setting, 'db'>, name: string): Promise<Date | null> {
  return db.transaction(async (tx) => {
    const { id, retiredAt } = await takePrincipal(tx, name);
    await tx.update(principals).set({ retiredAt: null }).where(eq(principals.id, id));
    return retiredAt;
  });
}

async function takePrincipal(tx: Database, name: string): Promise<KnownPrincipal> {
  const [principal] = await takePrincipals(tx, [name]);
  return principal ?? refuseUnknown(tx, name);
}
