import { type Change } from '../domain/change.ts';
import { planHold } from '../domain/hold.ts';
import { type Membership, nothingKnown } from '../domain/membership.ts';
import { type Night, type NightState, nightsTold, type PrincipalNights } from '../domain/nights.ts';
import { type Digest } from './kinds/digest.ts';
import {
  composeDigestReport,
  composeFailureReport,
  composeHeldReport,
  composeMismatchReport,
  composeRecoveryReport,
  composeReport,
  composeStaleReport,
  type Report,
} from './report.ts';
import {
  changeOf,
  idOf,
  lastNight,
  manyOrganizations,
  sampleChanges,
  superAdministrator,
  tonight,
} from './sample-changes.ts';
import { createSieve, scopeOf, wholeScope } from './scope.ts';
import { type CompleteRun, type ReportedRun, type SourceChangeTold } from './told.ts';
import { type Voice } from './voice.ts';

/** A report about nights that never were, and what it shows. */
export interface SampleReport extends Report {
  title: string;
}

const chain = '9f2c'.repeat(16);
const lastComplete: CompleteRun = { runId: 811, finishedAt: lastNight, chain };

/**
 * One report of each kind, with every kind of change in them: always the same, of a principal of that name, with nobody's
 * data in it.
 */
export function composeSample(principal: string, voice: Voice): SampleReport[] {
  const run = runOf(principal);
  const changes = sampleChanges(principal);
  const told: [title: string, report: Report | null][] = [
    [
      'baseline',
      composeReport({ ...run, baselineRunId: null, window: null }, { changes: [], roll: rollOf() }, voice),
    ],
    ['changes', composeReport(run, { changes }, voice)],
    ['one-change', composeReport(run, { changes: changes.slice(-1) }, voice)],
    ['invitations-only', composeReport(run, invitationsOf(changes), voice)],
    ['source', composeReport({ ...run, sourceChange }, { changes: [] }, voice)],
    ['held', composeHeld(principal, voice)],
    ['held-source', composeHeldSource(principal, voice)],
    ['failure', composeFailureReport({ ...failed, principal }, voice)],
    ['silence', composeStaleReport({ ...silent, principal }, voice)],
    ['mismatch', composeMismatchReport({ ...mismatched, principal }, voice)],
    ['recovery', composeRecoveryReport({ ...run, missedRuns: 2 }, wholeScope, voice)],
    ['digest', composeDigestReport(digestOf(principal), voice)],
  ];
  return told.flatMap(([title, report]) => (report === null ? [] : [{ ...report, title }]));
}

/** Two of them hold Super Administrator, and one is offered it. */
function rollOf(): Membership[] {
  const roles = [superAdministrator];
  const named = manyOrganizations(129).map((organization, index) => ({
    ...nothingKnown,
    ...organization,
    status: index % 32 === 3 ? 'invited' : 'member',
    roles: index < 2 || index === 3 ? roles : ['Administrator', 'Billing'],
    permissions: [],
  }));
  return named;
}

function runOf(principal: string): ReportedRun {
  return {
    runId: 812,
    principal,
    baselineRunId: 811,
    finishedAt: tonight,
    window: { notBefore: lastNight, notAfter: tonight },
    members: 124,
    invited: 4,
    other: 1,
    chain,
    conclusion: 'listings 1 and 2 agree',
    identityChecked: true,
    missedRuns: 0,
    aheadUntil: null,
    releasedRunIds: [],
    sourceChange: null,
    nights: lastNights('...C......CF.......H..........C'),
  };
}

const failed = {
  runId: 812,
  source: 'organizations',
  state: 'failed',
  error:
    'Cloudflare refused GET /user/organizations with 401 (10000: Authentication error). The token is wrong, expired or revoked: make another, and put it in its place.',
  code: 'credentials',
  requests: 1,
  finishedAt: tonight,
  lastComplete,
} as const;

const silent = { since: lastNight, at: new Date('2026-08-14T14:15:00.000Z'), lastComplete, missedRuns: 0 };

const mismatched = {
  found: ['run 702: the changes are not those that its link covers'],
  lastMatching: { ...lastComplete, runId: 701 },
  at: new Date('2026-08-16T03:10:00.000Z'),
};

function composeHeld(principal: string, voice: Voice): Report {
  const suspects = manyOrganizations(34).map((organization) =>
    changeOf(principal, 'left', { ...organization, id: null, removed: ['Administrator'] }),
  );
  const reason = '34 of 129 organizations are gone, more than 10 and more than 25 %';
  return composeHeldReport({ ...runOf(principal), reason, firstRunId: 812 }, suspects, voice);
}

const sourceChange: SourceChangeTold = {
  from: 'organizations',
  to: 'memberships',
  heldByPolicy: ['Weyland-Yutani', 'Café Zürich AG'].map((organizationName, index) => ({
    organizationName,
    organizationId: idOf(200 + index),
  })),
};

function composeHeldSource(principal: string, voice: Voice): Report {
  const suspects = manyOrganizations(117).map((organization) =>
    changeOf(principal, 'left', { ...organization, id: null, removed: ['Administrator'] }),
  );
  const loss = { baseline: 129, listed: 129, gone: 117, isOtherSource: true };
  const reason = planHold(loss, { removals: 10, share: 0.25 }) ?? '';
  const heldByPolicy: SourceChangeTold['heldByPolicy'] = [];
  const told = { reason, mayHaveOtherIds: true, firstRunId: 812 };
  const run = { ...runOf(principal), sourceChange: { ...sourceChange, heldByPolicy } };
  return composeHeldReport({ ...run, ...told }, suspects, voice);
}

function invitationsOf(changes: readonly Change[]) {
  const scope = scopeOf([{ categories: ['invitation'] }]);
  return { changes: changes.filter(createSieve(scope)), scope };
}

function digestOf(principal: string): Digest {
  const nights: PrincipalNights = {
    principal,
    complete: 6,
    held: 0,
    failed: 1,
    missed: 0,
    changes: [
      {
        kind: 'left',
        category: 'membership',
        count: 2,
        added: [],
        removed: [],
        offered: [],
        superAdministrator: null,
      },
      {
        kind: 'joined',
        category: 'membership',
        count: 51,
        added: [],
        removed: [],
        offered: [],
        superAdministrator: null,
      },
    ],
    members: 124,
    invited: 4,
    other: 1,
    nights: lastNights('...C......CF.......H...........'),
    nightChanges: [],
    superAdministrators: 2,
    oldestInvitation: new Date('2026-08-01T02:00:04.000Z'),
    oldInvitations: 1,
    knownSince: new Date('2025-01-01T00:00:00.000Z'),
    lastComplete: tonight,
    heldRun: null,
    isMismatched: false,
    aheadUntil: null,
    chain,
  };
  const quiet = {
    ...nights,
    principal: 'équipe sécurité',
    complete: 7,
    failed: 0,
    changes: [],
    other: 0,
    nights: lastNights('.'.repeat(30)),
    oldestInvitation: null,
    oldInvitations: 0,
  };
  const from = new Date('2026-08-10T08:00:00.000Z');
  return { from, to: new Date('2026-08-17T08:00:00.000Z'), principals: [nights, quiet], inner: null };
}

const states: Readonly<Record<string, NightState>> = { '.': 'quiet', C: 'changes', H: 'held', F: 'failed' };

/** The nights up to the last, by their letters, with a roll that grows. */
function lastNights(letters: string): Night[] {
  return Array.from(letters.slice(-nightsTold), (letter, index) => {
    const state = states[letter] ?? 'missed';
    const isComplete = state === 'quiet' || state === 'changes';
    return {
      due: new Date(Date.UTC(2026, 6, 16 + index, 2)),
      state,
      roll: isComplete ? 118 + Math.floor(index / 3) : null,
    };
  });
}
