import { type Change } from '../domain/change.ts';
import { inert } from '../domain/inert.ts';
import { shortestName } from './subject.ts';

/** An organization as it is called in a sentence: its name, or its id where it has none. */
export function nameOf(
  { organizationName, organizationId }: Pick<Change, 'organizationName' | 'organizationId'>,
  longest = 60,
): string {
  const name = organizationName?.trim() ?? '';
  return inert(name === '' ? organizationId : name, longest);
}

/** `Acme`, or `3 organizations`; `3 orgs` where there is hardly room. */
export function nameOrCount(
  changes: readonly Pick<Change, 'organizationName' | 'organizationId'>[],
  longestName: number,
): string {
  const [one, ...others] = changes;
  if (one !== undefined && others.length === 0) return nameOf(one, longestName);
  return `${changes.length} ${longestName <= shortestName ? 'orgs' : 'organizations'}`;
}

/** `Acme, Beta and 3 more`: each organization once. */
export function nameSome(
  changes: readonly Pick<Change, 'organizationName' | 'organizationId'>[],
  most: number,
): string {
  const names = [...new Map(changes.map((change) => [change.organizationId, nameOf(change)])).values()];
  const told = names.slice(0, most);
  const more = names.length - told.length;
  return new Intl.ListFormat('en').format(more === 0 ? told : [...told, `${more} more`]);
}
