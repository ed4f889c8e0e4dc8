import { type SuperAdministratorStep } from '../domain/access.ts';
import { type Change } from '../domain/change.ts';
import { membersPage } from '../domain/dashboard.ts';
import { otherSource, type RunSource } from '../domain/run.ts';
import { shellWord } from '../domain/shell-word.ts';
import { endsTwoFactors } from '../domain/turn.ts';
import { visible } from '../domain/visible.ts';
import { type Step } from './content.ts';
import { isGrave } from './headline.ts';
import { nameOf } from './names.ts';
import { type FailedRun, type ReportedRun } from './told.ts';

/** So many organizations are worth a step of their own. */
const mostOrganizations = 3;

/** What to do about changes: look at the gravest where they are, or at all of them. */
export function stepsAfter(
  changes: readonly Change[],
  run: Pick<ReportedRun, 'principal' | 'window'>,
): Step[] {
  const grave = byOrganization(changes.filter(isGrave)).slice(0, mostOrganizations);
  const pages = grave.flatMap(stepToMembers);
  const [first] = grave;
  return pages.length === 0 || first === undefined
    ? [stepToAll(run, grave.length > 0)]
    : [...pages, ...stepToStory(first)];
}

/** Those of Super Administrator first; each organization once. */
function byOrganization(changes: readonly Change[]): Change[] {
  const inOrder = changes.toSorted((left, right) => gravityOf(left) - gravityOf(right));
  return [
    ...new Map(inOrder.toReversed().map((change) => [change.organizationId, change])).values(),
  ].toReversed();
}

/** In the order of the headline: the gravest has the least. */
function gravityOf(change: Change): number {
  const order: readonly (SuperAdministratorStep | null)[] = ['gained', 'lost', 'offered', null];
  const { superAdministrator: step } = change;
  if (endsTwoFactors(change)) return order.length;
  return step === 'offer_gone' ? order.length + 1 : order.indexOf(step);
}

/** None for what is no id: nothing of a stranger's is typed or followed. */
function stepToMembers(change: Change): Step[] {
  const href = membersPage(change.organizationId);
  return href === null ? [] : [{ text: `See who is a member of ${nameOf(change, 40)}`, command: null, href }];
}

function stepToStory(change: Change): Step[] {
  const { organizationId } = change;
  if (membersPage(organizationId) === null) return [];
  return [{ text: `The story of ${nameOf(change, 40)}`, command: `history ${organizationId}`, href: null }];
}

function stepToAll(
  { principal, window }: Pick<ReportedRun, 'principal' | 'window'>,
  isGraveNight: boolean,
): Step {
  const since = window === null ? '' : ` --since ${window.notBefore.toISOString()}`;
  return {
    text: isGraveNight
      ? 'See whether they are expected. All of them again'
      : 'Nothing to do, unless one of them is unexpected. All of them again',
    command: `changes --principal ${shellWord(principal)}${since}`,
    href: null,
  };
}

/** What to do about a night without a snapshot, with the way on where its endpoint has ended. */
export function stepsAfterFailure({
  principal,
  code,
  source,
}: Pick<FailedRun, 'principal' | 'code' | 'source'>): Step[] {
  const name = shellWord(principal);
  return [
    ...(code === 'ended' ? stepsToOtherSource(principal, otherSource(source)) : []),
    { text: 'Once it is mended, see whether all is there', command: 'check', href: null },
    { text: 'Then take the snapshot', command: `run --principal ${name}`, href: null },
  ];
}

function stepsToOtherSource(principal: string, source: RunSource): Step[] {
  return [
    {
      text: 'See what would change if the roll were read from the other endpoint',
      command: `sources --principal ${shellWord(principal)}`,
      href: null,
    },
    {
      text: `Then write source: ${source} under ${visible(principal)} in rollcall.yaml, or set ROLLCALL_SOURCE=${source} where the environment describes it, and look at the night as it would be`,
      command: `run --principal ${shellWord(principal)} --dry-run`,
      href: null,
    },
  ];
}
