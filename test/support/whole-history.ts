import { createHash } from 'node:crypto';
import { type Database } from '../../src/database/database.ts';
import { oweReport } from '../../src/deliver/owe.ts';
import { type OwedReport, type ReportKind } from '../../src/domain/report.ts';
import { endRunShort } from '../../src/schedule/claim.ts';
import { rejectHeldRun, takeHeldRun } from '../../src/snapshot/held.ts';
import {
  acme,
  aMembership,
  aWholeMembership,
  claim,
  evidence,
  globex,
  holdNight,
  night,
  organizationId,
  store,
  takeNight,
} from './nights.ts';

const initech = organizationId(1);
const umbra = organizationId(2);
const superAdministrator = 'Super Administrator - All Privileges';

/**
 * A history in which everything has happened that a row of it can tell: of ops-bot nights with and without changes,
 * failed, held, superseded and rejected ones, invitations, and every kind of report; of legacy two nights, of which
 * the second is of the other source; and a digest.
 */
export async function keepWholeHistory(db: Database): Promise<void> {
  const atAcme = aMembership({
    organizationId: acme,
    organizationName: 'Acme "Ü" 😀',
    roles: ['Billing', 'DNS'],
  });
  const atGlobex = aMembership({
    organizationId: globex,
    organizationName: null,
    status: 'invited',
    roles: [superAdministrator],
  });
  const first = await claim(db, { at: night(1) });
  const invitation = {
    id: 'i-1',
    organizationId: globex,
    invitedBy: 'boss@example.com',
    invitedOn: new Date('2026-07-30T10:00:00.250Z'),
    expiresOn: new Date('2026-08-30T10:00:00Z'),
    status: 'pending',
  };
  await store(db, first, {
    memberships: [atAcme, atGlobex],
    invitations: [invitation],
    cloudflareUserId: 'user-1',
  });
  await owe(db, {
    kind: 'baseline',
    runId: first.id,
    principalId: first.principalId,
    csv: 'principal\r\nops-bot\r\n',
  });
  await takeNight(db, [atAcme], { principal: 'legacy', at: night(1) });
  const changed = await takeNight(
    db,
    [
      { ...atAcme, roles: ['Billing'] },
      { ...atGlobex, status: 'member' },
      aMembership({ organizationId: initech }),
    ],
    { at: night(2), trigger: 'schedule', slot: night(2) },
  );
  await owe(db, {
    kind: 'changes',
    runId: changed.run.id,
    principalId: first.principalId,
    csv: 'kind\r\nroles_changed\r\n',
  });
  const failed = await claim(db, { at: night(3), trigger: 'catch_up', slot: night(3) });
  const proof = [{ pages: 1, perPage: 50, totalCount: 3, organizations: 2, problem: 'one is missing' }];
  await endRunShort(db, failed, {
    state: 'incomplete',
    error: 'no answer: "Ü"',
    evidence: { ...evidence, proof },
    now: night(3),
  });
  await owe(db, { kind: 'failure', runId: failed.id, principalId: first.principalId });
  await owe(db, { kind: 'failure', runId: null, principalId: first.principalId });
  const held = await holdNight(db, [atAcme], { at: night(4) });
  await owe(db, { kind: 'held', runId: held.id, principalId: first.principalId, csv: 'kind\r\nleft\r\n' });
  await holdNight(db, [], { at: night(5) });
  const roll = [atAcme, aMembership({ organizationId: umbra, permissions: null })];
  const believed = await takeNight(db, roll, { at: night(6) });
  await owe(db, { kind: 'recovery', runId: believed.run.id, principalId: first.principalId });
  await takeNight(db, roll, { at: night(7) });
  await takeNight(db, [atGlobex, ...roll], { at: night(8) });
  const expired = { ...invitation, status: 'expired' };
  const ninth = await claim(db, { at: night(9) });
  await store(db, ninth, { memberships: roll, invitations: [expired] });
  const rejected = await holdNight(db, [], { at: night(9) });
  await db.transaction(async (tx) => rejectHeldRun(tx, await takeHeldRun(tx, rejected.id)));
  const last = await claim(db, { at: night(10) });
  await endRunShort(db, last, { state: 'failed', error: 'no answer', evidence, now: night(10) });
  await owe(db, { kind: 'failure', runId: last.id, principalId: first.principalId });
  await owe(db, { kind: 'digest', runId: null, principalId: null, slot: night(10) });
  await takeNight(db, [aWholeMembership({ organizationName: 'Acme Ltd', apiAccess: false })], {
    principal: 'legacy',
    source: 'memberships',
    at: night(10),
  });
}

interface Told {
  kind: ReportKind;
  runId: number | null;
  principalId: number | null;
  slot?: Date;
  csv?: string;
}

/** Owes a report as a run does, with what its kind says. */
function owe(db: Database, { csv, slot, ...told }: Told): Promise<void> {
  const content = csv === undefined ? null : `\uFEFF${csv}`;
  const report: OwedReport = {
    ...told,
    slot: slot ?? null,
    subject: `[rollcall] ${told.kind}`,
    text: `What ${told.kind} says.`,
    html: `<p>What ${told.kind} says.</p>`,
    csv:
      content === null
        ? null
        : {
            filename: `rollcall-${told.kind}.csv`,
            content,
            sha256: createHash('sha256').update(content).digest('hex'),
          },
    json: null,
    recipients: [{ carrier: 'mail', name: 'security@example.com', withFile: true }],
    createdAt: night(10),
  };
  const queue = { enqueue: () => Promise.resolve() };
  return db.transaction((tx) => oweReport(tx, report, { queue, mailFrom: 'rollcall@example.com' }));
}
