import { type Credentials, secretOf } from '../../domain/credentials.ts';
import { type ErrorCode, RollcallError } from '../../domain/errors.ts';
import { findEnd, namesPlan } from './ended.ts';
import { nameQuestion, type Question } from './question.ts';

/** An answer that no retry mends. */
export interface FinalAnswer {
  status: number;
  /** What the API says of it, without the secret; empty when it says nothing. */
  said: string;
  codes: readonly number[];
  credentials: Credentials;
  /** The body is a web page, so that somebody other than the API has spoken. */
  isWebPage: boolean;
}

/**
 * The error for an answer that no retry mends: principal, endpoint, status, the API's code and message, and the
 * likely remedy. Classified by status before code; the pairs of both seen in public issues are not reliable.
 */
export function refusal(question: Question, answer: FinalAnswer): RollcallError {
  const [code, remedy] = classify(question, answer);
  const said = answer.said === '' ? '' : ` (${answer.said})`;
  return new RollcallError(
    code,
    `${question.principal}: Cloudflare answered ${nameQuestion(question)} with ${answer.status}${said}. ${remedy}`,
  );
}

type Classified = readonly [code: ErrorCode, remedy: string];

function classify(question: Question, answer: FinalAnswer): Classified {
  const { status } = answer;
  if (status === 410) {
    return ['ended', findEnd(question.roll, answer) ?? endedOfNoRoll];
  }
  if (status >= 300 && status < 400) {
    return [
      'refused',
      'A redirect is not followed, for the credentials would go along: correct CLOUDFLARE_BASE_URL.',
    ];
  }
  if (answer.isWebPage) {
    return [
      'refused',
      'A web page came instead of the API: a firewall or proxy turned this machine away, or CLOUDFLARE_BASE_URL is wrong.',
    ];
  }
  const end = findEnd(question.roll, answer);
  return (
    classifyCredentials(question, answer) ??
    (end === null ? classifyRequest(question, answer) : ['ended', withPermission(end, question, answer)])
  );
}

const endedOfNoRoll =
  'Cloudflare has ended this endpoint, which says nothing about access: look for a newer rollcall.';

/** What is wrong with the credentials themselves, if that is it. */
function classifyCredentials({ roll }: Question, answer: FinalAnswer): Classified | null {
  const { status, said, codes, credentials } = answer;
  const isToken = credentials.kind === 'token';
  const has = (...some: number[]) => some.some((code) => codes.includes(code));
  if (isToken && (secretOf(credentials).reveal().startsWith('cfat_') || has(9106))) {
    return [
      'credentials',
      'A token of an account belongs to no user: make a user token (My Profile, API Tokens).',
    ];
  }
  if (has(10502)) {
    return [
      'credentials',
      'Too many wrong attempts, so these are locked for a while: correct them, then wait.',
    ];
  }
  if (has(6102))
    return [
      'credentials',
      'The email is not one: check it, and that it has not changed places with the key.',
    ];
  if (has(6103))
    return [
      'credentials',
      'That is no Global API Key: copy it again; an API token is configured as one, without email.',
    ];
  if (has(6111))
    return ['credentials', 'That is no API token: copy it again; a Global API Key goes with its email.'];
  if (/from location/i.test(said)) {
    return [
      'not_permitted',
      "The token's client IP filter does not name this machine: add its address, or lift the filter.",
    ];
  }
  const isOfPlan = roll !== undefined && namesPlan(roll.part, answer);
  if ((status === 401 && !isOfPlan) || has(6003, 9103) || /invalid (?:api|access) token/i.test(said)) {
    return ['credentials', isToken ? unknownToken : unknownKey];
  }
  return null;
}

const unknownToken =
  'Cloudflare does not know this API token: it was rolled, deleted, has expired, or is not copied whole.';
const unknownKey =
  'Cloudflare does not know this email with this Global API Key: one was changed, or is not copied whole.';

function classifyRequest(question: Question, { status, codes, credentials }: FinalAnswer): Classified {
  if (status === 403) return ['not_permitted', permissionFor(question, credentials)];
  if (status === 404) return ['not_found', remedyForAbsence(codes)];
  if (codes.includes(6008)) return ['refused', 'A parameter is out of its bounds.'];
  return ['refused', 'The API does not take this request: correct it, or look for a newer rollcall.'];
}

/** A 403 may mean the permission after all, whatever it says. */
function withPermission(end: string, question: Question, { status, credentials }: FinalAnswer): string {
  return status === 403 ? `${end} If the plan has it: ${permissionFor(question, credentials)}` : end;
}

function permissionFor({ method }: Question, credentials: Credentials): string {
  if (credentials.kind === 'key') {
    return 'The user of this key may not do this: see whether it is suspended, or its API access switched off.';
  }
  const permission = method === 'GET' ? 'Memberships Read' : 'Memberships Edit';
  return `The API token may not do this: give it the user permission "${permission}", or use the Global API Key.`;
}

function remedyForAbsence(codes: readonly number[]): string {
  if (codes.includes(1003)) return 'The principal is neither in that organization nor invited to it.';
  if (codes.includes(7003)) return 'That is not an organization id, which has 32 hexadecimal digits.';
  return 'No such endpoint or organization: check the id, and CLOUDFLARE_BASE_URL if every request ends like this.';
}
