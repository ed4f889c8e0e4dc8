import { type Access, accessOf, stepOfSuperAdministrator } from '../domain/access.ts';
import { type Change, type ChangeKind, kinds } from '../domain/change.ts';
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
import { createSieve, scopeOf, wholeScope } from './scope.ts';
import { type CompleteRun, type ReportedRun, type SourceChangeTold } from './told.ts';
import { type Voice } from './voice.ts';

/** A report about nights that never were, and what it shows. */
export interface SampleReport extends Report {
  title: string;
}

const lastNight = new Date('2026-08-13T02:00:04.000Z');
const tonight = new Date('2026-08-14T02:00:05.000Z');
const superAdministrator = 'Super Administrator - All Privileges';
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

/** Every kind of change, the grave ones among them, and many that are equal; the last is the plainest. */
function sampleChanges(principal: string): Change[] {
  const named = (organizationName: string, number: number) => ({
    organizationName,
    organizationId: idOf(number),
  });
  const told: [ChangeKind, Partial<Change>][] = [
    ['left', { ...named('Café Zürich AG', 1), removed: [superAdministrator, 'Billing'] }],
    ['left', { ...named('Ångström & Søner', 2), removed: ['Administrator'], byUs: true }],
    ['left', { organizationId: idOf(3), organizationName: null, removed: ['Billing'] }],
    [
      'invitation_replaced_membership',
      { ...named('Łódź Logistics', 4), after: 'invited', removed: ['DNS'], offered: ['DNS'] },
    ],
    [
      'status_changed',
      { ...named('株式会社東京', 5), before: 'member', after: 'suspended', removed: ['Billing'] },
    ],
    ['roles_changed', { ...named('Globex', 6), ...rolesOf(['Administrator'], [superAdministrator]) }],
    ['roles_changed', { ...named('Initech', 7), ...rolesOf(['Billing', 'DNS'], ['Billing', 'Analytics']) }],
    ['permissions_changed', { ...named('Umbrella', 8), ...rolesOf(['#dns_records:read'], manyPermissions) }],
    [
      'policies_changed',
      {
        ...named('Massive Dynamic', 16),
        ...rolesOf(
          [`allow DNS on Shops {${account}.${idOf(16)}: ${account}.zone.${idOf(21)}}`],
          [`allow DNS on ${account}.${idOf(16)}`],
        ),
      },
    ],
    [
      'policies_changed',
      {
        ...named('Weyland-Yutani', 22),
        ...rolesOf([], [`allow ${superAdministrator} on ${account}.${idOf(22)}`]),
        superAdministrator: 'gained',
      },
    ],
    ['two_factor_changed', { ...named('Cyberdyne', 17), before: 'true', after: 'false' }],
    ['two_factor_changed', { ...named('Aperture Science', 23), before: 'false', after: 'true' }],
    ['api_access_changed', { ...named('Oscorp', 18), before: 'false', after: 'true' }],
    ['parent_changed', { ...named('Nakatomi', 19), before: 'none', after: `Nakatomi Group (${idOf(20)})` }],
    ['joined', { ...named('Hooli', 9), added: ['Administrator'], returning: true }],
    ...manyOrganizations(40).map((one): [ChangeKind, Partial<Change>] => [
      'joined',
      { ...one, added: ['Administrator', 'Billing'] },
    ]),
    ['invitation_accepted', { ...named('Soylent', 10), ...invitation, added: ['Billing'] }],
    [
      'invited',
      { ...named('Stark Industries', 11), ...invitation, after: 'invited', offered: [superAdministrator] },
    ],
    ['invitation_changed', { ...named('Wayne Enterprises', 12), ...invitation, offered: ['Billing', 'DNS'] }],
    ['invitation_gone', { ...named('Wonka', 13), offered: [superAdministrator], goneBecause: 'expired' }],
    ['renamed', { ...named(longName, 14), before: 'Tyrell', after: longName }],
    ['joined', { ...named('Acme', 15), added: ['Administrator'] }],
  ];
  return told.map(([kind, given], index) => changeOf(principal, kind, { id: index + 1, ...given }));
}

const longName = `Tyrell ${'International Holdings and '.repeat(4)}Partners`;

/** What the keys of accounts begin with in policies. */
const account = 'com.cloudflare.api.account';

const manyPermissions = [
  'analytics',
  'cache_purge',
  'dns_records',
  'lb',
  'logs',
  'ssl',
  'waf',
  'worker',
  'zone',
].flatMap((what) => [`#${what}:edit`, `#${what}:read`]);

const invitation = {
  invitedBy: 'admin@example.com',
  invitedOn: new Date('2026-08-13T15:30:00.000Z'),
  expiresOn: new Date('2026-08-20T15:30:00.000Z'),
};

function rolesOf(before: readonly string[], after: readonly string[]): Partial<Change> {
  return {
    before: before.join('; '),
    after: after.join('; '),
    added: after.filter((role) => !before.includes(role)),
    removed: before.filter((role) => !after.includes(role)),
  };
}

function manyOrganizations(count: number): { organizationName: string; organizationId: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    organizationName: `Customer ${String(index + 1).padStart(2, '0')}`,
    organizationId: idOf(100 + index),
  }));
}

function idOf(number: number): string {
  return `5a${number.toString(16).padStart(4, '0')}`.repeat(6).slice(0, 32);
}

function changeOf(principal: string, kind: ChangeKind, given: Partial<Change>): Change {
  const { added = [], removed = [], offered = [] } = given;
  const hadOffer = kind === 'invitation_gone';
  return {
    id: 1,
    runId: 812,
    baselineRunId: 811,
    principal,
    category: kinds[kind],
    kind,
    organizationId: idOf(0),
    organizationName: null,
    before: null,
    after: null,
    added,
    removed,
    offered,
    notBefore: lastNight,
    notAfter: tonight,
    returning: false,
    byUs: false,
    invitedBy: null,
    invitedOn: null,
    expiresOn: null,
    goneBecause: null,
    superAdministrator: stepOfSuperAdministrator(
      accessBy(removed, hadOffer ? offered : []),
      accessBy(added, hadOffer ? [] : offered),
    ),
    ...given,
  };
}

function accessBy(has: readonly string[], offered: readonly string[]): Access {
  const [status, roles] = offered.length > 0 ? ['invited', offered] : ['member', has];
  return accessOf({ ...nothingKnown, organizationId: '', status, roles });
}
