import { type ChangeKind } from './change.ts';
import { noParent, parentIdIn, parentNameIn } from './parent-organization.ts';
import { inert } from './inert.ts';

/** A change of one value. */
interface Turn {
  kind: ChangeKind;
  before: string | null;
  after: string | null;
}

/** Whether an account no longer asks two factors of its members. */
export function endsTwoFactors({ kind, after }: Turn): boolean {
  return kind === 'two_factor_changed' && after === 'false';
}

/** What a flag or a parent turned to, in words that may stand in a mail; `null` for a change of any other kind. */
export function turnInWords({ kind, before, after }: Turn): string | null {
  if (kind === 'two_factor_changed')
    return after === 'true' ? 'two factors enforced now' : 'two factors no longer enforced';
  if (kind === 'api_access_changed') return `access by API turned ${after === 'true' ? 'on' : 'off'}`;
  if (kind !== 'parent_changed') return null;
  return `parent ${nameParent(after)}, before ${nameParent(before)}`;
}

/** A parent as it is called, without its id. */
export function nameParent(parent: string | null, longest = 60): string {
  return parent === null ? 'unknown' : inert(parentNameIn(parent), longest);
}

/** `8d3f…, before 4536…`: the ids of parents that are told by their names; `null` where there are none. */
export function parentIdsOf({ kind, before, after }: Turn): string | null {
  if (kind !== 'parent_changed') return null;
  const ids = [after, before].map((parent) =>
    parent === null || parent === noParent ? '' : idBehindName(parent),
  );
  const [is, was] = ids;
  const told = [...(is === '' ? [] : [is]), ...(was === '' ? [] : [`before ${was}`])];
  return told.length === 0 ? null : told.join(', ');
}

function idBehindName(parent: string): string {
  return parentNameIn(parent) === parent ? '' : inert(parentIdIn(parent));
}

/** From what to what a change goes, for people. */
export interface ChangeStep {
  before: string;
  after: string;
}

const asItIs = (text: string) => text;
const flag = (yes: string, no: string) => (text: string) => (text === 'true' ? yes : no);

/** How the ends are said, of the kinds that go from one value to another; what all others are is told by what came and went. */
const wordings: Partial<Record<ChangeKind, (end: string) => string>> = {
  renamed: asItIs,
  status_changed: asItIs,
  parent_changed: asItIs,
  two_factor_changed: flag('enforced', 'not enforced'),
  api_access_changed: flag('allowed', 'not allowed'),
};

/** From what to what a change goes, where it goes from one value to another; `null` for any other kind. */
export function stepOf({ kind, before, after }: Turn): ChangeStep | null {
  const say = wordings[kind];
  if (say === undefined) return null;
  return { before: say(before ?? 'unknown'), after: say(after ?? 'unknown') };
}
