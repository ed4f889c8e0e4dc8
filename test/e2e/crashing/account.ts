import { sql } from 'drizzle-orm';
import { simpleParser } from 'mailparser';
import { expect } from 'vitest';
import { type Database, queryRows } from '../../../src/database/database.ts';
import { deliveries, reports } from '../../../src/database/schema.ts';
import { compareCodePoints, normalizeSet } from '../../../src/domain/membership.ts';
import { listChanges } from '../../../src/history/changes.ts';
import { listRuns } from '../../../src/history/runs.ts';
import { verifyRecorded } from '../../../src/history/verify/recorded.ts';
import { type SimulatedMembership } from '../../../src/simulator/principal.ts';
import { isSound } from '../../../src/terminal/verification.ts';
import { lookInto } from '../../support/database-environment.ts';
import { type Program } from './borders.ts';
import { type Night, type Nights, recipients } from './nights.ts';

/** What the database holds after all nights. */
type Kept = Awaited<ReturnType<typeof readAll>>;

/** Mails that arrived, and how many of them a recipient had already had. */
export interface MailCount {
  mails: number;
  repeated: number;
}

/** Expects that everything that happened is on kept, and that nothing is twice; counts the mails. */
export async function expectAllAccountedFor(nights: Nights, program: Program): Promise<MailCount> {
  const kept = await lookInto(nights.database, readAll);
  expect(isSound(kept.verification), 'what is recorded matches').toBe(true);
  expectRuns(kept, nights, program);
  expectSnapshots(kept, nights);
  expectChanges(kept, nights);
  expectReports(kept, nights);
  expect(kept.waiting, 'jobs that nobody did').toEqual([]);
  return expectMails(kept, nights);
}

async function readAll(db: Database) {
  return {
    verification: await verifyRecorded(db),
    runs: await listRuns(db, { limit: 10_000 }),
    snapshots: await queryRows<StoredMembership>(db, sql`select * from rollcall.snapshots`),
    current: await queryRows<StoredMembership>(db, sql`select * from rollcall.current_memberships`),
    changes: await listChanges(db, {}),
    reports: await db.select().from(reports),
    deliveries: await db.select().from(deliveries),
    waiting: await queryRows(db, sql`select name, state, data from pgboss.job where state <> 'completed'`),
  };
}

// A type, since an interface is no record of unknown values.
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
type StoredMembership = {
  run_id: number | string;
  principal: string;
  organization_id: string;
  organization_name: string;
  status: string;
  roles: string[];
  permissions: string[];
};

/** Each principal has had one run for each slot, or by hand as many as it took; all others died, and say so. */
function expectRuns({ runs }: Kept, { nights, kills, simulator }: Nights, program: Program): void {
  const complete = runs.filter(({ state }) => state === 'complete');
  const others = runs.filter(({ state }) => state !== 'complete');
  const principals = simulator.world.principals.map(({ name }) => name);
  const expected = nights.flatMap((night) => principals.map((name) => `${labelOf(night)} ${name}`)).sort();
  const found = complete.map((run) => `${labelOf(nightOf(nights, run.startedAt))} ${run.principal}`);
  if (program === 'run') {
    expect([...new Set(found)].sort()).toEqual(expected);
  } else {
    expect(found.sort()).toEqual(expected);
    for (const { slot, startedAt } of complete) expect(slot).toEqual(nightOf(nights, startedAt).slot);
  }
  expect(others.length).toBeLessThanOrEqual(kills * principals.length);
  for (const run of others) {
    expect(run).toMatchObject({ state: 'failed', abandoned: true });
    expect(run.error).toMatch(/^Its process .* died in the middle of the run/);
  }
}

/** Every snapshot is the whole roll of its night, and the last one's is how things stand. */
function expectSnapshots({ runs, snapshots, current }: Kept, { nights }: Nights): void {
  for (const { id, principal, startedAt } of runs.filter(({ state }) => state === 'complete')) {
    const stored = snapshots.filter((membership) => Number(membership.run_id) === id);
    expect(rollOf(stored)).toEqual(rollIn(nightOf(nights, startedAt), principal));
  }
  const last = nightOf(nights, new Date(8.64e15));
  for (const principal of last.rolls.keys()) {
    const standing = current.filter((membership) => membership.principal === principal);
    expect(rollOf(standing)).toEqual(rollIn(last, principal));
  }
}

/** What happened in a night was found that night, once, and nothing else was. */
function expectChanges({ runs, changes }: Kept, { nights }: Nights): void {
  const startOf = new Map(runs.map(({ id, startedAt }) => [id, startedAt]));
  const found = changes.map(({ runId, principal, kind, organizationId }) => {
    const night = nightOf(nights, startOf.get(runId) ?? new Date(0));
    return `${labelOf(night)} ${principal} ${kind} ${organizationId}`;
  });
  const happened = nights.flatMap((night) =>
    night.happened.map(
      ({ principal, kind, organizationId }) => `${labelOf(night)} ${principal} ${kind} ${organizationId}`,
    ),
  );
  expect(found.sort()).toEqual(happened.sort());
}

/** Each principal's night has one report, the first one's of the baseline, and each recipient has had it. */
function expectReports(kept: Kept, { nights, simulator }: Nights): void {
  const runOf = new Map(kept.runs.map((run) => [run.id, run]));
  const found = kept.reports.map(({ runId, kind }) => {
    const run = runOf.get(runId ?? 0);
    return `${labelOf(nightOf(nights, run?.startedAt ?? new Date(0)))} ${run?.principal} ${kind}`;
  });
  const expected = nights.flatMap((night, number) =>
    simulator.world.principals.map(
      ({ name }) => `${labelOf(night)} ${name} ${number === 0 ? 'baseline' : 'changes'}`,
    ),
  );
  expect(found.sort()).toEqual(expected.sort());
  const owed = kept.reports.flatMap(({ id }) => recipients.map((recipient) => `${id} ${recipient} sent`));
  const had = kept.deliveries.map(({ reportId, recipient, state }) => `${reportId} ${recipient} ${state}`);
  expect(had.sort()).toEqual(owed.sort());
}

/** Each delivery arrived; one that did again did so as the same message, and no oftener than it was attempted. */
async function expectMails(kept: Kept, { mailServer: { messages } }: Nights): Promise<MailCount> {
  const arrived = await Promise.all(
    messages.map(async (source) => ({ source, mail: await simpleParser(source) })),
  );
  for (const { messageId, recipient, attempts } of kept.deliveries) {
    const copies = arrived.filter(({ mail }) => mail.messageId === messageId);
    expect(copies.length, `mails of ${messageId}`).toBeGreaterThan(0);
    expect(copies.length, `mails of ${messageId}`).toBeLessThanOrEqual(attempts);
    for (const { mail, source } of copies) {
      expect([mail.to].flat().map((to) => to?.text)).toEqual([recipient]);
      expect(source.equals(copies[0]?.source ?? Buffer.of())).toBe(true);
    }
  }
  const ids = new Set(arrived.map(({ mail }) => mail.messageId));
  expect(ids).toEqual(new Set(kept.deliveries.map(({ messageId }) => messageId)));
  return { mails: messages.length, repeated: messages.length - ids.size };
}

function nightOf(nights: readonly Night[], instant: Date): Night {
  const night = nights.findLast(({ slot }) => slot <= instant);
  if (night === undefined) throw new Error(`expected a night for ${instant.toISOString()}`);
  return night;
}

function labelOf({ slot }: Night): string {
  return slot.toISOString().slice(0, 10);
}

function rollIn({ rolls }: Night, principal: string): string[] {
  return (rolls.get(principal) ?? []).map(describe).sort(compareCodePoints);
}

function rollOf(stored: readonly StoredMembership[]): string[] {
  const memberships = stored.map((membership) => ({
    id: membership.organization_id,
    name: membership.organization_name,
    ...membership,
  }));
  return memberships.map(describe).sort(compareCodePoints);
}

function describe({ id, name, status, roles, permissions }: SimulatedMembership): string {
  return JSON.stringify([id, name, status, normalizeSet(roles), normalizeSet(permissions)]);
}
