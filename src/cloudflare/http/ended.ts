import { otherSource, type RunSource, sourcePaths } from '../../domain/run.ts';
import { type AskedOfRoll } from './question.ts';

/** As much of an answer as says whether its endpoint has ended. */
export interface LastAnswer {
  status: number;
  /** What the API says of it; empty when it says nothing. */
  said: string;
  codes: readonly number[];
}

/**
 * What there is to know and to do where the answer is that an endpoint of the roll serves this user no more: 410, no such
 * route, or a plan that does not have it. `null` for any other answer, and where nothing of the roll was asked for.
 */
export function findEnd(roll: AskedOfRoll | undefined, answer: LastAnswer): string | null {
  if (roll === undefined) return null;
  const found = whatEnded(roll, answer);
  return found === null
    ? null
    : `${found} ${roll.part === 'list' ? changeOver(roll.source) : askOther(roll)}`;
}

/**
 * Whether the API says of a list that it is the plan: nothing is wrong with the credentials then. What is said of one
 * organization may repeat its name.
 */
export function namesPlan(part: AskedOfRoll['part'], { status, said, codes }: LastAnswer): boolean {
  if (part === 'one' || status === upgradeOfProtocol) return false;
  if (codes.some((code) => repeatsNames.includes(code))) return false;
  return wordsOfPlan.test(said) || enterprise.test(said) || upgrade.test(said);
}

const wordsOfPlan =
  /\b(?:plans?|account types?|subscri(?:be|bed|ber|bers|ption|ptions)|entitle(?:d|ment|ments))\b/i;

/** Alone it may be part of a name. */
const enterprise =
  /\b(?:requir(?:es?|ed|ing)|needs?|available|only|restricted|limited)\b(?:\W+\w+){0,3}\W+enterprise\b|\benterprise\W+(?:(?:is|account|accounts|customer|customers|feature)\W+)?(?:required|needed|only)\b/i;

/** A browser or a client can be upgraded too. */
const upgrade =
  /\b(?:upgrade (?:is )?(?:required|needed)|(?:requires?|needs?) an upgrade|upgrade (?:your|the) account)\b/i;

/** Asks for another protocol, and says "Upgrade Required" for it. */
const upgradeOfProtocol = 426;

/** Their text repeats a name: of a parameter that is out of bounds, and of an account that the user is not in. */
const repeatsNames = [6008, 1003];

/** Of a list, whose path holds no id, either says that there is no such route. */
const noRoute = [7000, 7003];

function whatEnded({ part }: AskedOfRoll, answer: LastAnswer): string | null {
  const { status, codes } = answer;
  if (status === 410) return 'Cloudflare has ended this endpoint, which says nothing about access.';
  if (part === 'list' && [400, 404].includes(status) && codes.some((code) => noRoute.includes(code))) {
    return 'Cloudflare has no such endpoint any more, which says nothing about access; or CLOUDFLARE_BASE_URL is wrong, if it is set: then every request is answered like this.';
  }
  return namesPlan(part, answer)
    ? "This endpoint is not in the plan of the user's organizations, which says nothing about access."
    : null;
}

/** What is said of an end, without the way on: for whoever is told that in another place. */
export function leaveOutWayOn(said: string, source: RunSource): string {
  return said.replace(` ${changeOver(source)}`, '');
}

function changeOver(source: RunSource): string {
  const other = otherSource(source);
  return `${wayOn[source]}: \`rollcall sources\` shows what would change. Then write \`source: ${other}\` under the principal in rollcall.yaml, or set ROLLCALL_SOURCE=${other} where the environment describes it.`;
}

const wayOn: Readonly<Record<RunSource, string>> = {
  organizations: `The roll can be read from ${sourcePaths.memberships}, which has no limit of plan`,
  memberships: `Look for a newer rollcall, or read the roll from ${sourcePaths.organizations}, where that is still served`,
};

function askOther({ source }: AskedOfRoll): string {
  const other = otherSource(source);
  return `Ask ${sourcePaths[other]} with \`--source ${other}\`.`;
}
