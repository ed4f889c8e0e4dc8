import { shellWord } from '../domain/shell-word.ts';
import { type PrincipalStanding } from '../history/principals.ts';
import { type Check, countOf, warn } from './check.ts';
import { type CloudflareUser } from './cloudflare.ts';
import { formatMinute } from './minute.ts';

const check = 'principals' as const;

/** A principal of the configuration, with the Cloudflare user by which doubles are found. */
export interface ConfiguredPrincipal {
  name: string;
  /** The Cloudflare user that its credentials belong to, or else that it was last; `null` where none could be told. */
  userId: string | null;
}

/** All that are configured, with the Cloudflare user that Cloudflare says they are, or else that they were last. */
export function tellUsers(
  configured: readonly { name: string }[],
  looks: readonly { principal: { name: string }; user: CloudflareUser }[],
  known: readonly PrincipalStanding[],
): ConfiguredPrincipal[] {
  return configured.map(({ name }) => {
    const user = looks.find(({ principal }) => principal.name === name)?.user;
    const last = known.find(({ principal }) => principal === name)?.cloudflareUserId ?? null;
    return { name, userId: typeof user === 'object' ? user.id : last };
  });
}

/** Where the configuration and the history do not agree on who is audited. */
export function judgePrincipals(
  configured: readonly ConfiguredPrincipal[],
  known: readonly PrincipalStanding[],
): Check[] {
  const retired = known.filter(({ retiredAt }) => retiredAt !== null);
  const isRetired = ({ name }: ConfiguredPrincipal) => retired.some(({ principal }) => principal === name);
  const isConfigured = ({ principal }: PrincipalStanding) =>
    configured.some(({ name }) => name === principal);
  return [
    ...judgeShared(configured.filter((one) => !isRetired(one))),
    ...retired.filter(isConfigured).map(judgeRetired),
    ...known.filter((one) => one.retiredAt === null && !isConfigured(one)).flatMap(judgeForgotten),
  ];
}

/** Cloudflare users that several principals are. */
function judgeShared(configured: readonly ConfiguredPrincipal[]): Check[] {
  const byUser = Map.groupBy(configured, ({ userId }) => userId);
  return [...byUser].flatMap(([userId, shared]) => {
    if (userId === null || shared.length === 1) return [];
    const names = shared.map(({ name }) => name).join(' and ');
    const found = `${names} are one Cloudflare user (${userId}): whatever it sees is kept, told and counted more than once`;
    const remedy =
      "Give each its own user's credentials, or take all but one out of the configuration and `rollcall principals retire` them.";
    return [warn({ check }, found, remedy)];
  });
}

function judgeRetired({ principal, retiredAt }: PrincipalStanding): Check {
  const since = retiredAt === null ? '' : ` since ${formatMinute(retiredAt)} UTC`;
  return warn(
    { check, principal },
    `configured, but retired${since}: no run of it is begun`,
    `Take it out of the configuration, or bring it back: \`rollcall principals restore ${shellWord(principal)}\`.`,
  );
}

/** One that is current for ever, though nobody looks. */
function judgeForgotten({ principal, lastComplete, members, invited, other }: PrincipalStanding): Check[] {
  const memberships = members + invited + other;
  if (memberships === 0 || lastComplete === null) return [];
  const since = `${formatMinute(lastComplete.finishedAt)} UTC`;
  return [
    warn(
      { check, principal },
      `not configured, but current with ${countOf(memberships, 'membership')}: nobody looks any more since ${since}`,
      `\`rollcall principals retire ${shellWord(principal)}\`; or \`rollcall principals rename ${shellWord(principal)} NEW\` where it has another name now.`,
    ),
  ];
}
