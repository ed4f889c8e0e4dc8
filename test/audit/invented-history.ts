import { accessOf, stepOfSuperAdministrator, without } from '../../src/domain/access.ts';
import {
  type AuditedHistory,
  type AuditedPrincipal,
  type AuditedRun,
  type Interval,
} from '../../src/domain/audit.ts';
import { type Change, type ChangeKind, kinds } from '../../src/domain/change.ts';
import { type Gap } from '../../src/domain/gap.ts';
import { organizationId } from '../support/nights.ts';
import { nothingKnown } from '../../src/domain/membership.ts';

/** How much history to invent. */
export interface Size {
  memberships: number;
  changes: number;
  nights: number;
  principals: readonly string[];
}

const dayMs = 86_400_000;
const superAdministrator = 'Super Administrator - All Privileges';
const roleSets = [
  ['Administrator'],
  ['Administrator Read Only', 'Billing'],
  ['Cloudflare Zero Trust', 'DNS', 'Firewall'],
  ['Analytics'],
  [superAdministrator],
  ['Cloudflare Workers Admin', 'DNS', 'Load Balancer', 'Logs'],
];
const permissionSets = roleSets.map((_, index) =>
  ['#analytics:read', '#dns_records:edit', '#logs:read', '#waf:edit', '#zones:read'].slice(0, index),
);
const words = [
  'Northwind',
  'Contoso',
  'Globex',
  'Initech',
  'Umbrella',
  'Stark',
  'Wayne',
  'Hooli',
  'Acme',
  'Vandelay',
];
const forms = ['Ltd', 'GmbH', 'S.A.', 'K.K. 株式会社', 'Inc.', 'Holding', 'Türkiye A.Ş.'];

/** When the invented nights end: the instant after the last of them. */
export const inventedEnd = new Date(Date.UTC(2026, 10, 26, 9, 30));

/**
 * A history of that size that adds up: runs, of which some failed and some never began, memberships and their changes. The
 * same at every call.
 */
export function inventHistory({ memberships, changes, nights, principals }: Size): AuditedHistory {
  const pick = numbers(7);
  const runs = inventRuns(principals, nights, pick);
  const complete = runs.filter(({ state }) => state === 'complete');
  const own = new Map(
    principals.map((name) => [name, complete.filter(({ principal }) => principal === name)]),
  );
  const stories = Array.from({ length: memberships }, (_, index) =>
    firstInterval(principals[index % principals.length] ?? '', index, (name) => own.get(name)?.[0]),
  );
  const history = { intervals: [] as Interval[], changes: [] as Change[] };
  const plan = Array.from({ length: changes }, () => ({
    at: 1 + pick(nights - 2),
    story: pick(memberships),
  }));
  for (const { at, story } of plan.sort((left, right) => left.at - right.at)) {
    const current = stories[story];
    if (current === undefined) continue;
    const ownRuns = own.get(current.principal) ?? [];
    const place = Math.min(ownRuns.length - 1, at);
    stories[story] = change(history, current, { before: ownRuns[place - 1], run: ownRuns[place], pick });
  }
  history.intervals.push(...stories.filter(({ status }) => status !== null));
  history.intervals.sort(
    (left, right) =>
      compare(left.principal, right.principal) ||
      compare(left.organizationId, right.organizationId) ||
      left.from.getTime() - right.from.getTime(),
  );
  return {
    ...history,
    principals: [...principals]
      .sort()
      .map((principal) => auditedPrincipal(principal, own.get(principal) ?? [])),
    superAdministratorChanges: history.changes.filter(
      ({ superAdministrator: step }) => step === 'gained' || step === 'lost',
    ),
    invitations: [],
    runs,
    seams: [],
    gaps: principals.flatMap((principal) => gapsOf(principal, runs)),
  };
}

/** The same history, read from memberships from the middle of its nights on: what that tells is first known then. */
export function changeOver(history: AuditedHistory): AuditedHistory {
  const middle = new Map(
    history.principals.map(({ principal }) => {
      const own = history.runs.filter((run) => run.principal === principal && run.state === 'complete');
      return [principal, own[Math.floor(own.length / 2)]];
    }),
  );
  const seams = [...middle].flatMap(([principal, run]) =>
    run?.finishedAt == null
      ? []
      : [{ principal, runId: run.id, at: run.finishedAt, source: 'memberships' as const }],
  );
  return {
    ...history,
    seams,
    runs: history.runs.map((run) =>
      run.id < (middle.get(run.principal)?.id ?? 0) ? run : { ...run, source: 'memberships' as const },
    ),
    intervals: history.intervals.flatMap((interval, index) => {
      const seam = seams.find(({ principal }) => principal === interval.principal);
      if (seam === undefined || (interval.endedRunId ?? Infinity) <= seam.runId) return [interval];
      const known = { ...interval, ...knownOf(interval, index) };
      if (interval.firstRunId >= seam.runId) return [known];
      return [
        { ...interval, endedRunId: seam.runId, to: seam.at },
        { ...known, firstRunId: seam.runId, from: seam.at },
      ];
    }),
  };
}

function knownOf({ organizationId: id, roles }: Interval, index: number) {
  const on = `com.cloudflare.api.account.${id}`;
  const groups = index % 50 === 0 ? [superAdministrator] : (roles ?? []);
  return {
    membershipId: organizationId(index * 104_729 + 3),
    twoFactorEnforced: index % 3 > 0,
    apiAccess: index % 5 === 0 ? null : index % 2 === 0,
    policies: [
      `allow ${[...groups, 'DNS'].join(', ')} on ${on}`,
      `deny Billing on Zone ${index} {${on}: zone.${id}}`,
    ],
    parentOrganization:
      index % 4 === 0 ? `${words[index % words.length]} Group (${organizationId(index % 40)})` : 'none',
  };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Numbers below a bound, always the same ones (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function inventRuns(
  principals: readonly string[],
  nights: number,
  pick: (below: number) => number,
): AuditedRun[] {
  const chain = () => Array.from({ length: 64 }, () => pick(16).toString(16)).join('');
  return Array.from({ length: nights }, (_, night) =>
    principals.flatMap((principal, index) => {
      const startedAt = new Date(
        inventedEnd.getTime() - (nights - night) * dayMs - 7.5 * 3_600_000 + index * 1_000,
      );
      const isMissing = night > 2 && night % 97 === 50 + index;
      const isShort = night > 2 && night % 41 === 20 + index * 3;
      if (isMissing) return [];
      return [
        {
          id: night * principals.length + index + 1,
          principal,
          state: isShort ? ('failed' as const) : ('complete' as const),
          trigger: 'schedule' as const,
          source: 'organizations' as const,
          slot: new Date(startedAt.getTime() - index * 1_000),
          startedAt,
          finishedAt: new Date(startedAt.getTime() + 4_250),
          organizations: isShort ? null : 1_000,
          changes: isShort ? null : 0,
          error: isShort ? 'No usable answer of Cloudflare after 5 attempts: 503 Service Unavailable.' : null,
          conclusion: isShort ? null : 'it agrees with the baseline',
          chain: isShort ? null : chain(),
        },
      ];
    }),
  ).flat();
}

function gapsOf(principal: string, runs: readonly AuditedRun[]): Gap[] {
  const own = runs.filter((run) => run.principal === principal);
  const complete = own.filter(({ state }) => state === 'complete');
  return complete.slice(1).flatMap((after, index) => {
    const before = complete[index];
    if (before?.finishedAt == null || after.startedAt.getTime() - before.startedAt.getTime() < 1.5 * dayMs)
      return [];
    const short = own.filter(({ id }) => id > before.id && id < after.id);
    const shortRuns = short.map(({ id, state }) => ({ id, state, isByHand: false }));
    return [
      {
        principal,
        from: before.finishedAt,
        to: after.finishedAt,
        endedRunId: after.id,
        shortRuns,
        retiredAt: null,
      },
    ];
  });
}

function auditedPrincipal(principal: string, runs: readonly AuditedRun[]): AuditedPrincipal {
  const [first, newest] = [runs.at(0), runs.at(-1)];
  return {
    principal,
    cloudflareUserId: null,
    retiredAt: null,
    observedSince: first?.finishedAt ?? null,
    newest:
      newest?.finishedAt == null || newest.chain === null
        ? null
        : { runId: newest.id, finishedAt: newest.finishedAt, chain: newest.chain },
  };
}

function firstInterval(
  principal: string,
  index: number,
  firstRunOf: (principal: string) => AuditedRun | undefined,
): Interval {
  const run = firstRunOf(principal);
  const set = index % 23 === 0 ? 4 : index % 4;
  return {
    ...nothingKnown,
    principal,
    organizationId: organizationId(index * 7_919 + 1),
    organizationName: `${words[index % words.length]} ${forms[index % forms.length]} ${index + 1}`,
    status: index % 19 === 5 ? 'invited' : 'member',
    roles: roleSets[set] ?? [],
    permissions: permissionSets[set] ?? [],
    firstRunId: run?.id ?? 0,
    endedRunId: null,
    from: run?.finishedAt ?? inventedEnd,
    to: null,
  };
}

interface Occasion {
  before: AuditedRun | undefined;
  run: AuditedRun | undefined;
  pick: (below: number) => number;
}

/** Ends an interval, tells the change, and begins the next; one without a status is absence. */
function change(
  history: { intervals: Interval[]; changes: Change[] },
  current: Interval,
  { before, run, pick }: Occasion,
): Interval {
  if (run?.finishedAt == null || before === undefined || run.finishedAt <= current.from) return current;
  const set =
    (roleSets.findIndex((roles) => roles === current.roles) + 1 + pick(roleSets.length - 1)) %
    roleSets.length;
  const after = nextOf(current, {
    roles: roleSets[set] ?? [],
    permissions: permissionSets[set] ?? [],
    dice: pick(10),
  });
  const [had, has] = [accessOf(current), accessOf(after)];
  if (current.status !== null) history.intervals.push({ ...current, endedRunId: run.id, to: run.finishedAt });
  const kind = kindOf(current, after);
  history.changes.push({
    id: history.changes.length + 1,
    runId: run.id,
    baselineRunId: before.id,
    principal: current.principal,
    category: kinds[kind],
    kind,
    organizationId: current.organizationId,
    organizationName: after.organizationName,
    before: kind === 'renamed' ? current.organizationName : current.status,
    after: kind === 'renamed' ? after.organizationName : after.status,
    added: without(has.has, had.has),
    removed: without(had.has, has.has),
    notBefore: before.startedAt,
    notAfter: run.finishedAt,
    returning: current.status === null,
    byUs: false,
    invitedBy: null,
    invitedOn: null,
    expiresOn: null,
    goneBecause: null,
    offered: has.offered.length > 0 ? has.offered : had.offered,
    superAdministrator: stepOfSuperAdministrator(had, has, kind === 'invitation_accepted'),
  });
  return { ...after, firstRunId: run.id, from: run.finishedAt };
}

function nextOf(
  current: Interval,
  { roles, permissions, dice }: Pick<Interval, 'roles' | 'permissions'> & { dice: number },
): Interval {
  if (current.status === null)
    return { ...current, status: dice < 5 ? 'invited' : 'member', roles, permissions };
  if (dice < 2) return { ...current, status: null, roles: null, permissions: null };
  if (current.status === 'invited') return { ...current, status: 'member' };
  if (dice === 2)
    return {
      ...current,
      organizationName: `${(current.organizationName ?? '').replace(/ group$/, '')} group`,
    };
  return { ...current, roles, permissions };
}

function kindOf(before: Interval, after: Interval): ChangeKind {
  if (before.status === null) return after.status === 'invited' ? 'invited' : 'joined';
  if (after.status === null) return before.status === 'invited' ? 'invitation_gone' : 'left';
  if (before.status === 'invited') return 'invitation_accepted';
  return before.organizationName === after.organizationName ? 'roles_changed' : 'renamed';
}
