import { type Category, type Change, categories } from '../domain/change.ts';
import { type ReportedRun } from './told.ts';

/** Who gets reports: one entry of the configuration's `reports`. */
export interface Audience {
  to: readonly string[];
  /** Only these principals' runs; every principal's when left out. */
  principals?: readonly string[] | undefined;
  /** Only changes of these categories; all when left out. */
  categories?: readonly Category[] | undefined;
}

/** Recipients who get one and the same report. */
export interface ReportGroup {
  recipients: readonly string[];
  categories: readonly Category[];
  /** What is left for them after their categories. */
  changes: readonly Change[];
}

interface Recipient {
  address: string;
  categories: Set<Category>;
}

/**
 * Who gets which report about a run. A recipient gets the categories of every audience that matches, taken together,
 * and appears once, whatever the case of the address; the first spelling counts. Those with the same categories
 * share a report, and a group left without changes gets none; a baseline concerns everybody, in one group.
 */
export function planReports(
  run: Pick<ReportedRun, 'principal' | 'baselineRunId'>,
  changes: readonly Change[],
  audiences: readonly Audience[],
): ReportGroup[] {
  const recipients = recipientsFor(run.principal, audiences);
  if (run.baselineRunId === null) return baselineGroup(recipients);
  return groupByCategories(recipients)
    .map((group) => narrow(group, changes))
    .filter((group) => group.changes.length > 0);
}

/** Everybody who gets any report about the principal, in one list. */
export function planRecipients(principal: string, audiences: readonly Audience[]): string[] {
  return recipientsFor(principal, audiences).map(({ address }) => address);
}

/**
 * Who gets which part of a held run's suspects. Unlike a night's changes, it concerns those too for whose categories
 * there is nothing in it: no report comes of this principal until it is decided.
 */
export function planHeldReports(
  principal: string,
  suspects: readonly Change[],
  audiences: readonly Audience[],
): ReportGroup[] {
  return groupByCategories(recipientsFor(principal, audiences)).map((group) => narrow(group, suspects));
}

/** Recipients of one and the same digest, and what of which principal they hear in it. */
export interface DigestGroup {
  recipients: readonly string[];
  categoriesOf: ReadonlyMap<string, readonly Category[]>;
}

/** Who gets which digest: those who hear the same of the same principals share one. */
export function planDigests(principals: readonly string[], audiences: readonly Audience[]): DigestGroup[] {
  const views = new Map<string, { address: string; categoriesOf: Map<string, readonly Category[]> }>();
  for (const principal of principals) {
    for (const { address, categories: chosen } of recipientsFor(principal, audiences)) {
      const view = views.get(address.toLowerCase()) ?? { address, categoriesOf: new Map() };
      view.categoriesOf.set(principal, inOrder(chosen));
      views.set(address.toLowerCase(), view);
    }
  }
  const groups = Map.groupBy(views.values(), ({ categoriesOf }) => JSON.stringify([...categoriesOf]));
  return [...groups.values()].map((members) => ({
    recipients: members.map(({ address }) => address),
    categoriesOf: members[0]?.categoriesOf ?? new Map<string, readonly Category[]>(),
  }));
}

function recipientsFor(principal: string, audiences: readonly Audience[]): Recipient[] {
  const recipients = new Map<string, Recipient>();
  for (const audience of audiences.filter(({ principals }) => principals?.includes(principal) ?? true)) {
    for (const address of audience.to.map((text) => text.trim())) {
      const known = recipients.get(address.toLowerCase()) ?? { address, categories: new Set() };
      for (const category of audience.categories ?? categories) known.categories.add(category);
      recipients.set(address.toLowerCase(), known);
    }
  }
  return [...recipients.values()];
}

function baselineGroup(recipients: readonly Recipient[]): ReportGroup[] {
  if (recipients.length === 0) return [];
  return [{ recipients: recipients.map(({ address }) => address), categories, changes: [] }];
}

function groupByCategories(recipients: readonly Recipient[]): Omit<ReportGroup, 'changes'>[] {
  const groups = Map.groupBy(recipients, (recipient) => inOrder(recipient.categories).join());
  return [...groups.values()].map((members) => ({
    recipients: members.map(({ address }) => address),
    categories: inOrder(members[0]?.categories ?? new Set()),
  }));
}

function narrow(group: Omit<ReportGroup, 'changes'>, changes: readonly Change[]): ReportGroup {
  return { ...group, changes: changes.filter(({ category }) => group.categories.includes(category)) };
}

function inOrder(chosen: ReadonlySet<Category>): Category[] {
  return categories.filter((category) => chosen.has(category));
}
