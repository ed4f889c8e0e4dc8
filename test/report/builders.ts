import { type Access, accessOf, stepOfSuperAdministrator } from '../../src/domain/access.ts';
import { type Change, type ChangeKind, kinds } from '../../src/domain/change.ts';
import { type Membership, nothingKnown } from '../../src/domain/membership.ts';
import { type Night, type NightState, type PrincipalNights } from '../../src/domain/nights.ts';
import { type CsvFile, writeCsvFile } from '../../src/report/forms/csv.ts';
import { type ReportedRun } from '../../src/report/told.ts';
import { type Voice } from '../../src/report/voice.ts';

export const lastNight = new Date('2026-08-13T02:00:04.000Z');
export const tonight = new Date('2026-08-14T02:00:05.000Z');

/** As reports are written where nothing says otherwise. */
export const voice: Voice = { command: 'npx --no rollcall', timezone: 'UTC' };

/** A run with a baseline, of `ops-bot`. */
export function aRun(given: Partial<ReportedRun> = {}): ReportedRun {
  return {
    runId: 812,
    principal: 'ops-bot',
    baselineRunId: 811,
    finishedAt: tonight,
    window: { notBefore: lastNight, notAfter: tonight },
    members: 124,
    invited: 4,
    other: 0,
    chain: '9f2c'.repeat(16),
    conclusion: 'listings 1 and 2 agree',
    identityChecked: true,
    missedRuns: 0,
    aheadUntil: null,
    releasedRunIds: [],
    sourceChange: null,
    ...given,
  };
}

/** The first run of `ops-bot`. */
export function aFirstRun(given: Partial<ReportedRun> = {}): ReportedRun {
  return aRun({ runId: 1, baselineRunId: null, window: null, ...given });
}

/** A membership of Acme, held, with a role. */
export function aMembership(given: Partial<Membership> = {}): Membership {
  return {
    ...nothingKnown,
    organizationId: '023e105f4ecef8ad9ca31a8372d0c353',
    organizationName: 'Acme',
    status: 'member',
    roles: ['Administrator'],
    permissions: [],
    ...given,
  };
}

/** A change of Acme's, without anything notable about it but what its roles tell. */
export function aChange(kind: ChangeKind, given: Partial<Change> = {}): Change {
  return {
    id: 1,
    runId: 812,
    baselineRunId: 811,
    principal: 'ops-bot',
    category: kinds[kind],
    kind,
    organizationId: '023e105f4ecef8ad9ca31a8372d0c353',
    organizationName: 'Acme',
    before: null,
    after: null,
    added: [],
    removed: [],
    notBefore: lastNight,
    notAfter: tonight,
    returning: false,
    byUs: false,
    invitedBy: null,
    invitedOn: null,
    expiresOn: null,
    goneBecause: null,
    offered: [],
    superAdministrator: stepOfSuperAdministrator(
      accessBy('member', given.removed ?? []),
      given.offered === undefined
        ? accessBy('member', given.added ?? [])
        : accessBy('invited', given.offered),
    ),
    ...given,
  };
}

function accessBy(status: string, roles: readonly string[]): Access {
  return accessOf(aMembership({ status, roles }));
}

/** The file that goes with a report of these changes. */
export function csvFileOf(principal: string, date: Date, changes: readonly Change[]): CsvFile {
  const file = writeCsvFile(principal, date, changes);
  if (file === null) throw new Error('expected a file');
  return file;
}

/** As many changes of one kind, in organizations numbered from 1. */
export function changesOf(kind: ChangeKind, count: number): Change[] {
  return Array.from({ length: count }, (_, index) =>
    aChange(kind, { id: index + 1, organizationName: `Organization ${String(index + 1).padStart(3, '0')}` }),
  );
}

const states: Readonly<Record<string, NightState>> = {
  '.': 'quiet',
  C: 'changes',
  H: 'held',
  F: 'failed',
  M: 'missed',
};

/** Nights up to {@link tonight} by their letters, a blank for none; each complete one saw `roll`, or that of its place. */
export function nightsOf(letters: string, roll: number | readonly number[] = 128): Night[] {
  return Array.from(letters, (letter, index) => {
    const state = states[letter] ?? null;
    const isComplete = state === 'quiet' || state === 'changes';
    return {
      due: new Date(Date.UTC(2026, 7, 15 - letters.length + index, 2)),
      state,
      roll: isComplete ? (typeof roll === 'number' ? roll : (roll[index] ?? null)) : null,
    };
  });
}

/** A principal of whom there is nothing to say: thirty quiet nights, and no invitation. */
export function quietNights(given: Partial<PrincipalNights> = {}): PrincipalNights {
  return {
    principal: 'ops-bot',
    complete: 7,
    held: 0,
    failed: 0,
    missed: 0,
    changes: [],
    nights: nightsOf('.'.repeat(30)),
    nightChanges: [],
    members: 124,
    invited: 0,
    other: 0,
    superAdministrators: 2,
    oldestInvitation: null,
    oldInvitations: 0,
    knownSince: new Date('2025-02-03T10:00:00Z'),
    lastComplete: tonight,
    heldRun: null,
    isMismatched: false,
    aheadUntil: null,
    chain: '9f2c'.repeat(16),
    ...given,
  };
}
