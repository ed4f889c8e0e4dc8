import { type Config } from '../config.ts';
import { type ChangeKind, changeKinds, kinds } from '../domain/change.ts';
import { type Audience, concerns, recipientsOf, type Topic, topicsOf } from '../report/audience.ts';
import { createSieve, isWhole, kindsIn, type Scope, scopeOf } from '../report/scope.ts';
import { type Check, countOf, ok, warn } from './check.ts';
import { type History } from './history.ts';
import { countTroubleReports, pastNights, type PastNight } from './past-nights.ts';

const subject = { check: 'routes' } as const;

/** What routes are judged by: who is configured, and when the digest is due. */
type Routing = Pick<Config, 'principals' | 'audiences' | 'digest'>;

/**
 * Says of each route what would have come by it in the last nights, which routes can never bring anything, and what nobody
 * is told. Without a history, what the configuration says by itself.
 */
export function judgeRoutes(routing: Routing, history: History | null): Check[] {
  const retired = (history?.everybody ?? []).filter(({ retiredAt }) => retiredAt !== null);
  const audited = routing.principals
    .map(({ name }) => name)
    .filter((name) => !retired.some(({ principal }) => principal === name));
  const nights = history?.nights ?? null;
  return [
    ...routing.audiences.map((route, index) => {
      const name = `route ${index + 1} (${nameRecipients(route)})`;
      return judgeRoute(route, { name, routing, audited, nights });
    }),
    ...judgeUntoldChanges(routing.audiences, audited, nights ?? []),
    ...judgeUntoldTrouble(routing.audiences, audited),
  ];
}

interface Ground {
  name: string;
  routing: Routing;
  /** Those whose runs are begun: configured and not retired. */
  audited: readonly string[];
  nights: readonly PastNight[] | null;
}

function judgeRoute(route: Audience, { name, routing, audited, nights }: Ground): Check {
  const scope = scopeOf([route]);
  const unreachable = explainUnreachable(route, scope);
  const its = routing.principals.map((one) => one.name).filter((principal) => concerns(route, principal));
  if (its.length > 0 && !its.some((principal) => audited.includes(principal)))
    return warnOfDeadEnd(name, [`its principals are retired (${its.join(', ')})`]);
  const open = topicsOf(route).filter((topic) => isOpen(topic, scope, routing));
  if (open.length === 0)
    return warnOfDeadEnd(name, [
      ...unreachable,
      ...(topicsOf(route).includes('digest') && routing.digest === null ? ['the digest is off'] : []),
    ]);
  const found = `${name}: ${describePast(route, open, nights)}`;
  if (unreachable.length === 0) return ok(subject, found);
  const remedy = 'Take these kinds out of the route in rollcall.yaml, or what keeps them away.';
  return warn(subject, `${found}; what can never come: ${unreachable.join('; ')}`, remedy);
}

function warnOfDeadEnd(name: string, reasons: readonly string[]): Check {
  const remedy = 'Correct it in reports in rollcall.yaml, or take it out.';
  return warn(subject, `${name}: nothing can ever come by it: ${reasons.join('; ')}`, remedy);
}

function isOpen(topic: Topic, scope: Scope, { digest }: Routing): boolean {
  if (topic === 'digest') return digest !== null;
  return topic === 'trouble' || kindsIn(scope).length > 0;
}

/** The kinds that a route names and that its other filters keep away. */
function explainUnreachable({ kinds: named = [], categories }: Audience, scope: Scope): string[] {
  const reached = kindsIn(scope);
  return [...new Set(named)]
    .filter((kind) => !reached.includes(kind))
    .map((kind) =>
      categories?.includes(kinds[kind]) === false
        ? `${kind} is of the category ${kinds[kind]}, which categories leaves out`
        : `${kind} is about no role`,
    );
}

const namesAtMost = 3;

function nameRecipients(route: Audience): string {
  const names = recipientsOf(route).map(({ name }) => name);
  const left = names.length - namesAtMost;
  return [...names.slice(0, namesAtMost), ...(left > 0 ? [`${left} more`] : [])].join(', ');
}

/** `3 reports of changes, 1 of trouble in the last 30 nights, and the digest` */
function describePast(route: Audience, open: readonly Topic[], nights: readonly PastNight[] | null): string {
  const counted = open.filter((topic) => topic !== 'digest');
  const digest = open.includes('digest') ? ['the digest'] : [];
  if (nights === null) return `about ${[...counted, ...digest].join(', ')}`;
  const counts = countReports(route, nights);
  const words = { changes: 'changes', trouble: 'trouble', quiet: 'quiet nights' };
  const told = counted.map((topic, index) => {
    const count = counts[topic];
    return `${index === 0 ? countOf(count, 'report') : count} of ${words[topic]}`;
  });
  const past = told.length === 0 ? [] : [`${told.join(', ')} in the last ${pastNights} nights`];
  return [...past, ...digest].join(', and ');
}

/** What would have come by this route alone. The baseline counts among the changes. */
function countReports(route: Audience, nights: readonly PastNight[]) {
  const scope = scopeOf([route]);
  const passes = createSieve(scope);
  const its = nights.filter(({ principal }) => concerns(route, principal));
  const complete = its.filter(({ state }) => state === 'complete');
  const changed = complete.filter(({ isBaseline, changes }) =>
    isBaseline ? isWhole(scope) : changes.some(passes),
  );
  const quiet = complete.filter(({ isBaseline, changes }) => !isBaseline && !changes.some(passes));
  const byPrincipal = Map.groupBy(its, ({ principal }) => principal);
  const trouble = [...byPrincipal.values()].map(countTroubleReports).reduce((sum, count) => sum + count, 0);
  return { changes: changed.length, trouble, quiet: quiet.length };
}

/** Kinds of changes that no route brings whatever their roles, for the principals of whom that is so. */
function judgeUntoldChanges(
  audiences: readonly Audience[],
  audited: readonly string[],
  nights: readonly PastNight[],
): Check[] {
  const scopes = listHeard(audiences, audited).map((principal) => {
    const scope = scopeOf(
      audiences.filter((route) => concerns(route, principal) && brings(route, 'changes')),
    );
    return { principal, scope };
  });
  const alike = Map.groupBy(
    scopes.filter(({ scope }) => !isWhole(scope)),
    ({ scope }) => JSON.stringify(scope),
  );
  return [...alike.values()].map((members) => {
    const names = members.map(({ principal }) => principal);
    const scope = members[0]?.scope ?? scopeOf([]);
    const untold = countUntold(nights, names, scope);
    return warn(
      subject,
      `nobody is told of all changes of ${names.join(', ')}: ${describeUntold(scope)}; ${countOf(untold, 'change')} of the last ${pastNights} nights would have reached nobody`,
      'If that is not as it should be, add an entry to reports in rollcall.yaml that lets them pass.',
    );
  });
}

/** `left, renamed not at all, roles_changed of some roles only` */
function describeUntold(scope: Scope): string {
  const some = kindsIn(scope);
  const never = changeKinds.filter((kind) => !some.includes(kind));
  const partly = some.filter((kind) => !scope.kinds.includes(kind));
  const say = (which: readonly ChangeKind[], how: string) =>
    which.length === 0 ? [] : [`${which.join(', ')} ${how}`];
  if (some.length === 0) return 'of none at all';
  return [...say(never, 'not at all'), ...say(partly, 'of some roles only')].join(', ');
}

function countUntold(nights: readonly PastNight[], names: readonly string[], scope: Scope): number {
  const passes = createSieve(scope);
  return nights
    .filter(({ principal, state }) => state === 'complete' && names.includes(principal))
    .flatMap(({ changes }) => changes.filter((change) => !passes(change)))
    .reduce((sum, { count }) => sum + count, 0);
}

/** A principal whose runs may fail night after night, and nobody hears of it. */
function judgeUntoldTrouble(audiences: readonly Audience[], audited: readonly string[]): Check[] {
  const untold = listHeard(audiences, audited).filter(
    (principal) => !audiences.some((route) => concerns(route, principal) && brings(route, 'trouble')),
  );
  if (untold.length === 0) return [];
  return [
    warn(
      subject,
      `nobody is told when a run of ${untold.join(', ')} fails or is held`,
      'Add an entry with `about: [trouble]` to reports in rollcall.yaml, or one that narrows nothing.',
    ),
  ];
}

/** Those of whom somebody is told anything; of the others another check tells. */
function listHeard(audiences: readonly Audience[], principals: readonly string[]): string[] {
  return principals.filter((principal) => audiences.some((route) => concerns(route, principal)));
}

function brings(route: Audience, topic: Topic): boolean {
  return topicsOf(route).includes(topic);
}
