import { type Change } from '../domain/change.ts';
import { type ReportRecipient } from '../domain/report.ts';
import { createSieve, isWhole, type RouteFilter, type Scope, scopeOf } from './scope.ts';
import { hearsOfSource } from './source-change.ts';
import { type ReportedRun } from './told.ts';

/** What a report may be about, for a route to choose from. */
export const topics = ['changes', 'trouble', 'digest', 'quiet'] as const;

/**
 * - `changes`: what changed, and the baseline and another source to read from, which are where changes begin
 * - `trouble`: runs that failed or are held, silence, a history that does not match, and the recovery
 * - `digest`: the nights of a week
 * - `quiet`: each complete run without a change
 */
export type Topic = (typeof topics)[number];

/** Who gets reports: one entry of the configuration's `reports`. */
export interface Audience extends RouteFilter {
  /** Mail addresses; none where it is for a webhook. */
  to: readonly string[];
  /** By what stands for the webhook's URL. */
  webhook?: { name: string } | undefined;
  /** Only these principals' runs; every principal's when left out. */
  principals?: readonly string[] | undefined;
  /** When left out: all but `quiet`, and `changes` alone where changes are narrowed. */
  about?: readonly Topic[] | undefined;
  /** Whether the CSV goes along. Default: it does. */
  csv?: boolean | undefined;
}

/** What a route is about. */
export function topicsOf({ about, categories, kinds, roles }: Audience): readonly Topic[] {
  if (about !== undefined) return about;
  const isNarrowed = [categories, kinds, roles].some((filter) => filter !== undefined);
  return isNarrowed ? ['changes'] : ['changes', 'trouble', 'digest'];
}

/** Whether a route is about this principal. */
export function concerns({ principals }: Audience, principal: string): boolean {
  return principals?.includes(principal) ?? true;
}

/** Recipients who get one and the same report. */
export interface ReportGroup {
  recipients: readonly ReportRecipient[];
  /** What their routes let pass, taken together. */
  scope: Scope;
  /** What is left for them. */
  changes: readonly Change[];
}

/**
 * Who gets which report about a run. A recipient gets what any of its routes lets pass, and appears once, whatever the
 * case of the address. Those with the same scope share a report, and a group left without changes gets none. A baseline is
 * told to those to whom every change would be; that a roll was read from another source, to them and to those who ask for the
 * Super Administrators that it shows.
 */
export function planReports(
  run: Pick<ReportedRun, 'principal' | 'baselineRunId' | 'sourceChange'>,
  changes: readonly Change[],
  audiences: readonly Audience[],
): ReportGroup[] {
  const groups = planGroups(audiences, run.principal, ['changes']);
  if (run.baselineRunId === null)
    return groups.filter(({ scope }) => isWhole(scope)).map((group) => ({ ...group, changes: [] }));
  return groups.map((group) => narrow(group, changes)).filter((group) => isTold(run, group));
}

/** Whether those of a group who hear of changes are told of a run. */
function isTold({ sourceChange }: Pick<ReportedRun, 'sourceChange'>, group: ReportGroup): boolean {
  return group.changes.length > 0 || (sourceChange !== null && hearsOfSource(sourceChange, group.scope));
}

/**
 * Who is told that a night was quiet, for whom nothing has changed: nothing at all, or nothing that would be told to them,
 * which is what `scope` says.
 */
export function planQuietReports(
  run: Pick<ReportedRun, 'principal' | 'baselineRunId' | 'sourceChange'>,
  changes: readonly Change[],
  audiences: readonly Audience[],
): ReportGroup[] {
  if (run.baselineRunId === null || !audiences.some((audience) => topicsOf(audience).includes('quiet')))
    return [];
  const wanted = new Set(planRecipientsOf('quiet', run.principal, audiences).map(identify));
  const ofChanges = planGroups(audiences, run.principal, ['changes']);
  const getChanges = new Set(ofChanges.flatMap(({ recipients }) => recipients.map(identify)));
  const only = (group: Omit<ReportGroup, 'changes'>, isMeant: (recipient: ReportRecipient) => boolean) =>
    narrow({ ...group, recipients: group.recipients.filter(isMeant) }, changes);
  return [
    ...ofChanges
      .map((group) => only(group, (one) => wanted.has(identify(one))))
      .filter((group) => !isTold(run, group)),
    ...planGroups(audiences, run.principal, ['quiet']).map((group) =>
      only(group, (one) => !getChanges.has(identify(one))),
    ),
  ].filter((group) => group.recipients.length > 0 && group.changes.length === 0);
}

/**
 * Who gets which part of a held run's suspects. Unlike a night's changes, it concerns those too for whom there is nothing in
 * it: no report comes of this principal until it is decided.
 */
export function planHeldReports(
  principal: string,
  suspects: readonly Change[],
  audiences: readonly Audience[],
): ReportGroup[] {
  return planGroups(audiences, principal, ['trouble']).map((group) => narrow(group, suspects));
}

/** Who hears of trouble: those who get all changes, and those who get some. */
export function planTroubled(
  principal: string,
  audiences: readonly Audience[],
): Omit<ReportGroup, 'changes'>[] {
  return planGroups(audiences, principal, ['trouble']);
}

/** Everybody who hears of a topic. */
export function planRecipientsOf(
  topic: Topic,
  principal: string,
  audiences: readonly Audience[],
): ReportRecipient[] {
  return listReaders(audiences, principal, [topic]).map(({ recipient }) => recipient);
}

/** The name of everybody who may get any report about the principal, in one list. */
export function planRecipients(principal: string, audiences: readonly Audience[]): string[] {
  return listReaders(audiences, principal, topics).map(({ recipient }) => recipient.name);
}

/** Recipients of one and the same digest, and what of which principal they hear in it. */
export interface DigestGroup {
  recipients: readonly ReportRecipient[];
  scopes: ReadonlyMap<string, Scope>;
  /** Whether nothing narrows what they hear, not to principals either: what is of no principal is theirs too. */
  hearsAll: boolean;
}

/** Who gets which digest: those who hear the same of the same principals share one. */
export function planDigests(principals: readonly string[], audiences: readonly Audience[]): DigestGroup[] {
  type View = Omit<DigestGroup, 'recipients'> & { recipient: ReportRecipient; scopes: Map<string, Scope> };
  const views = new Map<string, View>();
  for (const principal of principals) {
    for (const { recipient, routes } of listReaders(audiences, principal, ['digest'])) {
      const ofEverybody = routes.filter((route) => route.principals === undefined);
      const view = views.get(identify(recipient)) ?? {
        recipient,
        scopes: new Map<string, Scope>(),
        hearsAll: isWhole(scopeOf(ofEverybody)),
      };
      view.scopes.set(principal, scopeOf(routes));
      views.set(identify(recipient), view);
    }
  }
  const groups = Map.groupBy(views.values(), ({ scopes, hearsAll }) => JSON.stringify([hearsAll, ...scopes]));
  return [...groups.values()].map((members) => ({
    recipients: members.map(({ recipient }) => recipient),
    scopes: members[0]?.scopes ?? new Map<string, Scope>(),
    hearsAll: members.every(({ hearsAll }) => hearsAll),
  }));
}

/** One who gets reports, and the routes by which. */
interface Reader {
  recipient: ReportRecipient;
  routes: readonly Audience[];
}

function planGroups(
  audiences: readonly Audience[],
  principal: string,
  about: readonly Topic[],
): Omit<ReportGroup, 'changes'>[] {
  const readers = listReaders(audiences, principal, about).map(({ recipient, routes }) => ({
    recipient,
    scope: scopeOf(routes),
  }));
  const groups = Map.groupBy(readers, ({ scope }) => JSON.stringify(scope));
  return [...groups.values()].map((members) => ({
    recipients: members.map(({ recipient }) => recipient),
    scope: members[0]?.scope ?? scopeOf([]),
  }));
}

/**
 * Everybody who is named by a route that is about this principal and any of these topics, each once. An address is spelled as
 * it stands first in the configuration, by whatever route. The CSV goes along if one of the routes has it so.
 */
function listReaders(audiences: readonly Audience[], principal: string, about: readonly Topic[]): Reader[] {
  const readers = new Map<string, { recipient: Omit<ReportRecipient, 'withFile'>; routes: Set<Audience> }>();
  for (const audience of audiences) {
    const isMeant =
      concerns(audience, principal) && topicsOf(audience).some((topic) => about.includes(topic));
    for (const recipient of recipientsOf(audience)) {
      const known = readers.get(identify(recipient)) ?? { recipient, routes: new Set<Audience>() };
      if (isMeant) known.routes.add(audience);
      readers.set(identify(recipient), known);
    }
  }
  return [...readers.values()]
    .map(({ recipient, routes }) => ({ recipient, routes: [...routes] }))
    .filter(({ routes }) => routes.length > 0)
    .map(({ recipient, routes }) => ({
      recipient: {
        ...recipient,
        withFile: recipient.carrier === 'mail' && routes.some(({ csv = true }) => csv),
      },
      routes,
    }));
}

/** Everybody whom a route names. */
export function recipientsOf({ to, webhook }: Audience): Omit<ReportRecipient, 'withFile'>[] {
  return [
    ...to.map((address) => ({ carrier: 'mail' as const, name: address.trim() })),
    ...(webhook === undefined ? [] : [{ carrier: 'webhook' as const, name: webhook.name }]),
  ];
}

/** The same for the same recipient, whatever the case of an address. */
function identify({ carrier, name }: Omit<ReportRecipient, 'withFile'>): string {
  return `${carrier} ${name.toLowerCase()}`;
}

function narrow(group: Omit<ReportGroup, 'changes'>, changes: readonly Change[]): ReportGroup {
  return { ...group, changes: isWhole(group.scope) ? changes : changes.filter(createSieve(group.scope)) };
}
