import { shellWord } from './shell-word.ts';

/** Where the history of a Cloudflare user is, when a principal of another name begins to look as the same user. */
export interface OtherHistory {
  /** The name that it is under. */
  principal: string;
  retiredAt: Date | null;
}

/** Why a first run of `principal` would tell a part of a history that is here already, and the way to go on with that. */
export function describeOtherHistory(
  principal: string,
  userId: string,
  other: OtherHistory,
): { found: string; remedy: string } {
  const rename = `\`rollcall principals rename ${shellWord(other.principal)} ${shellWord(principal)}\``;
  const found = `the history of this Cloudflare user (${userId}) is here under the name ${other.principal}`;
  if (other.retiredAt !== null) {
    return {
      found: `${found}, retired since ${other.retiredAt.toISOString()}`,
      remedy: `To go on with it: ${rename}, then \`rollcall principals restore ${shellWord(principal)}\`.`,
    };
  }
  return {
    found,
    remedy: `To go on with it under the new name: ${rename}. Where both are to be audited, give each its own user's credentials.`,
  };
}
