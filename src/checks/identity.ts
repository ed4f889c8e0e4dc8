import { describeOtherHistory, type OtherHistory } from '../domain/identity.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { type CloudflareUser } from './cloudflare.ts';
import { type History } from './history.ts';

/** The Cloudflare user of a principal's last complete run that could tell; of `null` when none could. */
export type LastUser =
  | {
      id: string | null;
      /** Of a principal without any complete run: where the history of its Cloudflare user is. */
      elsewhere?: OtherHistory | null;
    }
  | 'unknown';

/** What the history says of whom a run of that name, as that user, would expect. */
export function findLastUser(
  name: string,
  user: CloudflareUser,
  { principals, everybody }: History,
): LastUser {
  const known = principals.get(name);
  const isNew = known?.lastComplete == null;
  const elsewhere = everybody
    .filter((one) => isNew && isUser(user, one.cloudflareUserId) && one.principal !== name)
    .toSorted((left, right) => Number(left.retiredAt !== null) - Number(right.retiredAt !== null));
  return { id: known?.lastUserId ?? null, elsewhere: elsewhere[0] ?? null };
}

function isUser(user: CloudflareUser, userId: string | null): boolean {
  return typeof user === 'object' && user.id === userId;
}

/** Whether the credentials belong to whom a run would expect. */
export function judgeIdentity(principal: string, user: CloudflareUser, last: LastUser): Check {
  const subject = { check: 'identity', principal } as const;
  if (user === 'unknown') return warn(subject, 'not looked at: Cloudflare did not say who it is', null);
  if (user === 'withheld') {
    return warn(
      subject,
      'these credentials may not read whose they are, so no run can tell whether it is still the same user',
      'Give the API token the permission User Details Read.',
    );
  }
  const who = `Cloudflare user ${user.id}`;
  if (last === 'unknown') {
    return warn(subject, `${who}, not compared, without the history`, null);
  }
  if (last.elsewhere != null) {
    const { found, remedy } = describeOtherHistory(principal, user.id, last.elsewhere);
    return fail(subject, found, remedy);
  }
  if (last.id === null) return ok(subject, `${who}; no complete run to compare with`);
  if (last.id === user.id) return ok(subject, `${who}, as at the last complete run`);
  return fail(
    subject,
    `these credentials belong to the ${who}, the last complete run was of ${last.id}`,
    "Give the principal its own user's credentials, or this user a principal of its own.",
  );
}
