import { readAgreedListing } from '../cloudflare/agreement.ts';
import { type Client } from '../cloudflare/http/client.ts';
import { readUserId } from '../cloudflare/identity.ts';
import { readInvitations } from '../cloudflare/invitations.ts';
import { type Database } from '../database/database.ts';
import { RollcallError } from '../domain/errors.ts';
import { type Invitation } from '../domain/invitation.ts';
import { isSameRoll, type Membership } from '../domain/membership.ts';
import { type Evidence, type ListingProof } from '../domain/run.ts';
import { type Baseline, findBaseline, findLastUserId, readBaselineRoll } from '../snapshot/baseline.ts';

/** What a run saw at Cloudflare, and what it compared that with. */
export interface Sighting {
  memberships: readonly Membership[];
  /** `null` where the credentials may not read them, or nothing changed that they could explain. */
  invitations: readonly Invitation[] | null;
  /** `null` where the credentials may not read it. */
  cloudflareUserId: string | null;
  /** In words: what agreed with what. */
  conclusion: string;
  /** `null` when the principal has had no complete run. */
  baseline: { runId: Baseline['runId']; memberships: readonly Membership[] } | null;
}

/**
 * Looks until it has seen something that can be believed: the same Cloudflare user as before, and a listing seen twice.
 * Each reading is added to `proof`. Throws what ends the run.
 */
export async function observe(client: Client, db: Database, proof: ListingProof[]): Promise<Sighting> {
  const cloudflareUserId = await readUserId(client);
  await checkIdentity(client.principal, db, cloudflareUserId);
  const baseline = await readBaseline(client.principal, db);
  const roll = baseline?.memberships ?? null;
  const listing = await readAgreedListing(client, roll, (reading) => proof.push(reading));
  const isQuiet = roll !== null && isSameRoll(listing.memberships, roll);
  const invitations = isQuiet ? null : await readInvitations(client);
  return { ...listing, invitations, cloudflareUserId, baseline };
}

/** What a run took so far, kept with it however it ends. */
export function evidenceOf(client: Client, proof: readonly ListingProof[]): Evidence {
  const pages = proof.reduce((total, reading) => total + (reading.pages ?? 0), 0);
  return { ...client.sent, listings: proof.length, pages, proof };
}

async function checkIdentity(principal: string, db: Database, userId: string | null): Promise<void> {
  const last = userId === null ? null : await findLastUserId(db, principal);
  if (last === null || last === userId) return;
  throw new RollcallError(
    'refused',
    `${principal}: these credentials belong to the Cloudflare user ${userId}, the last complete run was of ${last}. ` +
      "Nothing was stored. Give the principal its own user's credentials, or this user a principal of its own.",
  );
}

async function readBaseline(principal: string, db: Database): Promise<Sighting['baseline']> {
  const newest = await findBaseline(db, principal);
  return newest === null ? null : { runId: newest.runId, memberships: await readBaselineRoll(db, principal) };
}
