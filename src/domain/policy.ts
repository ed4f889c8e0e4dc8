import { compareCodePoints } from './membership.ts';

/** A policy of a membership: what these groups of permissions allow or deny, and where. */
export interface Policy {
  /** `allow` or `deny`, or a word that this version does not know. */
  access: string;
  /** Names of the groups of permissions; the id of one without a name. */
  groups: readonly string[];
  resources: readonly PolicyResource[];
}

/** What a policy is about: a scope, and the objects within it. */
export interface PolicyResource {
  /** Empty for one without a name. */
  name: string;
  /** Such as `com.cloudflare.api.account.023e105f4ecef8ad9ca31a8372d0c353`. */
  key: string;
  /** Such as `*`, for all in the scope. */
  objects: readonly string[];
}

/**
 * A policy as one line, the same whatever the order in which the API told it: `allow DNS, Zone on com.cloudflare.api.account.1`,
 * with objects `deny Billing on {com.cloudflare.api.account.1: zone.2, zone.3}`, and with a name besides
 * `deny Billing on Shops {com.cloudflare.api.account.1: zone.2}`. A name that could be taken for more than one is in quotes.
 */
export function policyLine({ access, groups, resources }: Policy): string {
  return `${access} ${listOf(groups.map(quoted))} on ${listOf(resources.map(resourceText))}`;
}

function listOf(texts: readonly string[]): string {
  return texts.length === 0 ? 'nothing' : [...new Set(texts)].sort(compareCodePoints).join(separator);
}

const separator = ', ';
const on = ' on ';

function resourceText({ name, key, objects }: PolicyResource): string {
  const isAll = objects.length === 1 && objects[0] === '*';
  const isNamed = name !== '' && name !== key;
  if (isAll && !isNamed) return quoted(key);
  const scope = isAll ? quoted(key) : `${quoted(key)}: ${listOf(objects.map(quoted))}`;
  return isNamed ? `${quoted(name)} {${scope}}` : `{${scope}}`;
}

/** What stands between names, and `nothing`, which stands for none, is within quotes not what it is outside of them. */
function quoted(name: string): string {
  if (name !== 'nothing' && name !== '' && !/[,;:"\\{}]|(^| )on( |$)|^\s|\s$/.test(name)) return name;
  return JSON.stringify(name)
    .replaceAll(',', '\\u002c')
    .replaceAll(';', '\\u003b')
    .replaceAll(':', '\\u003a')
    .replaceAll(/ on(?= )/g, ' o\\u006e');
}

/** The groups of permissions that a line allows, be it where it may; of one that denies them, none. */
export function groupsAllowedBy(line: string): string[] {
  return line.startsWith(allow) ? groupsIn(line) : [];
}

/** The groups of permissions that a line allows or denies, be it where it may. */
export function groupsIn(line: string): string[] {
  const [start, end] = [line.indexOf(' ') + 1, line.indexOf(on)];
  if (end < start) return [];
  return line
    .slice(start, end)
    .split(separator)
    .filter((name) => name !== 'nothing')
    .map((name) => (name.startsWith('"') ? unquoted(name) : name));
}

const allow = 'allow ';

/** Keys of accounts and zones, and what stands for all of them. */
const knownKeys = /\bcom\.cloudflare\.api\.account\.(zone\.)?([0-9a-z]+|\*)(?![0-9a-z.])/g;

/**
 * A line of {@link policyLine} for people: `allow DNS on the account` where it is about the organization's own account, else
 * `account 5a…`, `zone 5b…` or `all zones` in place of the keys. Two policies may read alike; what tells them apart is the line.
 */
export function policyInWords(line: string, organizationId: string): string {
  const name = (_key: string, zone: string | undefined, id: string) => {
    const what = zone === undefined ? 'account' : 'zone';
    if (what === 'account' && id === organizationId) return 'the account';
    return id === '*' ? `all ${what}s` : `${what} ${id}`;
  };
  return line
    .replaceAll(knownKeys, name)
    .replaceAll('\\u002c', ',')
    .replaceAll('\\u003b', ';')
    .replaceAll('\\u003a', ':')
    .replaceAll('o\\u006e', 'on');
}

function unquoted(name: string): string {
  try {
    return String(JSON.parse(name));
  } catch {
    return name;
  }
}
