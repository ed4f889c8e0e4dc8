import { readAgreedRoll } from '../cloudflare/agreement.ts';
import { type Client } from '../cloudflare/http/client.ts';
import { readUserId } from '../cloudflare/identity.ts';
import { readInvitations } from '../cloudflare/invitations.ts';
import { type Database } from '../database/database.ts';
import { RollcallError } from '../domain/errors.ts';
import { describeOtherHistory } from '../domain/identity.ts';
import { type DeclinedInvitation, type Invitation } from '../domain/invitation.ts';
import { type KnownRoll } from '../domain/known-roll.ts';
import { type Membership } from '../domain/membership.ts';
import { type Evidence, type ListingProof } from '../domain/run.ts';
import { findBaseline, findLastUserId, findOtherHistory } from '../snapshot/baseline.ts';
import { lockUser } from '../snapshot/lock.ts';
import { readKnownRoll } from '../snapshot/open-roll.ts';

/** What a run saw at Cloudflare, and what it compared that with. */
export interface Sighting {
  memberships: readonly Membership[];
  /** Invitations that were declined: listed as such, and not on the roll. */
  declined: readonly DeclinedInvitation[];
  digest: string;
  /** Whether it says the same as the baseline. */
  isQuiet: boolean;
  /** `null` where the credentials may not read them, or nothing changed that they could explain. */
  invitations: readonly Invitation[] | null;
  /** `null` where the credentials may not read it. */
  cloudflareUserId: string | null;
  /** In words: what agreed with what. */
  conclusion: string;
  /** The run of the baseline that it was compared with; `null` when the principal has had no complete run. */
  baselineRunId: number | null;
}

/**
 * Looks until it has seen something that can be believed: the same Cloudflare user as before, under the same name, and
 * a listing seen twice.
 * Each reading is added to `proof`. Throws what ends the run.
 */
export async function observe(client: Client, db: Database, proof: ListingProof[]): Promise<Sighting> {
  const cloudflareUserId = await readUserId(client);
  await checkIdentity(client.principal, db, cloudflareUserId);
  const { runId, known } = await readBaseline(client, db);
  const agreed = await readAgreedRoll(client, known, (reading) => proof.push(reading));
  const isQuiet = agreed.digest === known?.digest;
  const invitations = isQuiet ? null : await readInvitations(client);
  return { ...agreed, isQuiet, invitations, cloudflareUserId, baselineRunId: runId };
}

/** What a run took so far, kept with it however it ends. */
export function evidenceOf(client: Client, proof: readonly ListingProof[]): Evidence {
  const pages = proof.reduce((total, reading) => total + (reading.pages ?? 0), 0);
  return { ...client.sent, listings: proof.length, pages, proof };
}

async function checkIdentity(principal: string, db: Database, userId: string | null): Promise<void> {
  if (userId === null) return;
  const last = await findLastUserId(db, principal);
  if (last === null) await refuseOtherHistory(principal, db, userId);
  if (last === null || last === userId) return;
  throw new RollcallError(
    'refused',
    `${principal}: these credentials belong to the Cloudflare user ${userId}, the last complete run was of ${last}. ` +
      "Nothing was stored. Give the principal its own user's credentials, or this user a principal of its own.",
  );
}

/**
 * Keeps the Cloudflare user of a first snapshot to this transaction, and looks once more whether its history is here under
 * another name: two first runs of one user may have looked at the same time.
 */
export async function keepUser(tx: Database, principal: string, userId: string | null): Promise<void> {
  if (userId === null) return;
  await lockUser(tx, userId);
  await refuseOtherHistory(principal, tx, userId);
}

/** A first snapshot would be a baseline without a change, whatever changed since the newest one under the other name. */
async function refuseOtherHistory(principal: string, db: Database, userId: string): Promise<void> {
  if ((await findBaseline(db, principal)) !== null) return;
  const other = await findOtherHistory(db, principal, userId);
  if (other === null) return;
  const { found, remedy } = describeOtherHistory(principal, userId, other);
  throw new RollcallError('refused', `${principal}: ${found}. Nothing was stored. ${remedy}`);
}

async function readBaseline(
  client: Client,
  db: Database,
): Promise<{ runId: number | null; known: KnownRoll | null }> {
  const baseline = await findBaseline(db, client.principal);
  if (baseline === null) return { runId: null, known: null };
  return { runId: baseline.runId, known: await readKnownRoll(db, client, baseline) };
}
