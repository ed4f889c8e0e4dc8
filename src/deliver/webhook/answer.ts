import { redactBeginning } from '../../domain/redact.ts';
import { Secret } from '../../domain/secret.ts';
import { type SendOutcome } from '../mailer.ts';
import { type Answer, isSuccess } from './request.ts';

/** Statuses below 500 that pass: too slow, too early, too many. */
const passing = [408, 425, 429];

/** The one that asks for no more. */
const gone = 410;

/** What an answer means. `where` names the webhook; nothing is told of the secrets, should the answer repeat them. */
export function judgeAnswer(
  { status, text }: Answer,
  { where, secrets }: { where: string; secrets: readonly Secret[] },
): SendOutcome {
  if (isSuccess(status)) return { outcome: 'sent', response: `${where} answered ${status}` };
  const said = redactBeginning(text, { secrets, longest: 200 }).replaceAll(/\s+/g, ' ').trim();
  const error = `${where} answered ${status}${said === '' ? '' : `: ${said}`}`;
  if (status === gone) {
    return {
      outcome: 'refused',
      error: `${error}; it wants no more reports: take it out of the configuration`,
    };
  }
  if (status >= 300 && status < 400) {
    return { outcome: 'retry', error: `${error}; a redirect is not followed: correct its URL` };
  }
  const isAway = status === 429 || status === 503;
  if (status < 200 || status >= 500 || passing.includes(status)) {
    return { outcome: 'retry', error, ...(isAway && { isServerAway: true }) };
  }
  return { outcome: 'refused', error };
}

/** Fewer characters are a word that is in many texts. */
const shortest = 8;

/** Whatever an answer may repeat of what it was asked with: the URL whole and in parts, and what the request was signed with. */
export function secretsOf(url: URL, secret: Secret | null): Secret[] {
  const { href, host, pathname, search } = url;
  const key = secret?.reveal() ?? '';
  const parts = [href, host, pathname + search, ...pathname.split('/'), ...url.searchParams.values()];
  return [...parts, key, key.slice('whsec_'.length)]
    .filter((part) => part.length >= shortest)
    .map((part) => new Secret(part));
}
