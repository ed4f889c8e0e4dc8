import { type Change, type ChangeKind } from './change.ts';

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
export function stepOf({
  kind,
  before,
  after,
}: Pick<Change, 'kind' | 'before' | 'after'>): ChangeStep | null {
  const say = wordings[kind];
  if (say === undefined) return null;
  return { before: say(before ?? 'unknown'), after: say(after ?? 'unknown') };
}
