import { type RunSource, sourcePaths } from './run.ts';

/** That a run was read from another source than its baseline. */
export interface SourceChange {
  from: RunSource;
  to: RunSource;
}

/** `read from /memberships instead of /user/organizations` */
export function nameSourceChange({ from, to }: SourceChange): string {
  return `read from ${sourcePaths[to]} instead of ${sourcePaths[from]}`;
}

/** Of what is told as come or gone, that it may be the other source's list alone that is longer or shorter. */
export const listedByOneAlone =
  'An organization that only one of the two lists is told as joined, left, invited or gone, even if nothing happened there.';

const comparedTonight = `This time name, status and roles were compared, and nothing else. ${listedByOneAlone}`;

/** What is compared with what from now on, and what is not known any more. */
const consequences: Readonly<Record<RunSource, string>> = {
  memberships: `${comparedTonight} From the next night on, policies, two factors, access by API, the parent and permissions are compared too: tonight they were not compared with anything before.`,
  organizations: `${comparedTonight} From the next night on, permissions are compared too. What /memberships alone tells is no longer known, and no change of it will be told: policies, two factors, access by API and the parent.`,
};

/** What follows from the change, in sentences. */
export function describeConsequences({ to }: SourceChange): string {
  return consequences[to];
}

/**
 * In how many organizations a policy alone gives Super Administrator, as far as one of the two sources tells it: `names` stand
 * behind the number, as in `2 organizations: Acme and Beta`.
 */
export function describeHeldByPolicy({ to }: SourceChange, count: number, names = ''): string {
  const where = `${count} ${count === 1 ? 'organization' : 'organizations'}${names === '' ? '' : `: ${names}`}`;
  if (to === 'memberships')
    return count === 0
      ? 'Super Administrator is held by a policy alone in no organization.'
      : `Super Administrator is held by a policy alone in ${where}. It was not compared with anything before, and is not told as gained.`;
  return count === 0
    ? 'Super Administrator was held by a policy alone in no organization.'
    : `Super Administrator was held by a policy alone in ${where}. Nobody sees that any more, and it is not told as lost.`;
}
