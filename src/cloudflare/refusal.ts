import { type Credentials, secretOf } from '../domain/credentials.ts';
import { type ErrorCode, RollcallError } from '../domain/errors.ts';
import { describeProblem, type Problem } from './envelope.ts';

/** What is asked of the API, and for whom. */
export interface Question {
  principal: string;
  method: 'GET' | 'DELETE';
  /** Below the base URL, starting with a slash. */
  path: string;
  query?: Readonly<Record<string, string | number>>;
}

interface FinalAnswer {
  status: number;
  problems: readonly Problem[];
  credentials: Credentials;
}

/**
 * The error for an answer that no retry mends: principal, endpoint, status, the API's code and message, and the
 * likely remedy. Classified by status first; the pairs of status and code seen in public issues are not reliable.
 */
export function refusal(question: Question, answer: FinalAnswer): RollcallError {
  const { code, remedy } = classify(question, answer);
  const told = answer.problems.map(describeProblem).filter((text) => text !== '');
  const said = told.length === 0 ? '' : ` (${told.join('; ')})`;
  return new RollcallError(
    code,
    `${question.principal}: Cloudflare answered ${question.method} ${question.path} with ${answer.status}${said}. ${remedy}`,
  );
}

function classify(question: Question, answer: FinalAnswer): { code: ErrorCode; remedy: string } {
  const codes = answer.problems.flatMap(({ code, error_chain }) => [
    code,
    ...(error_chain ?? []).map((one) => one.code),
  ]);
  if (answer.status === 410) {
    return { code: 'ended', remedy: 'Cloudflare has ended this endpoint: look for a newer rollcall.' };
  }
  if (isAccountOwned(answer.credentials) || codes.includes(9106)) {
    return {
      code: 'credentials',
      remedy: 'An account-owned token has no user: make a user token under My Profile, API Tokens.',
    };
  }
  if (answer.status === 401 || codes.some((code) => code === 6003 || code === 6111 || code === 9103)) {
    return {
      code: 'credentials',
      remedy: `Check that the ${nameOf(answer.credentials)} is whole and has not been rolled or deleted.`,
    };
  }
  if (answer.status === 403) {
    return { code: 'not_permitted', remedy: permissionFor(question, answer.credentials) };
  }
  if (answer.status === 404) return { code: 'not_found', remedy: remedyForAbsence(codes) };
  if (answer.status >= 300 && answer.status < 400) {
    return { code: 'refused', remedy: 'A redirect is not followed: correct CLOUDFLARE_BASE_URL.' };
  }
  return { code: 'refused', remedy: 'The request itself was refused; nothing was changed.' };
}

function isAccountOwned(credentials: Credentials): boolean {
  return secretOf(credentials).reveal().startsWith('cfat_');
}

function nameOf(credentials: Credentials): string {
  return credentials.kind === 'token' ? 'API token' : 'email and Global API Key';
}

function permissionFor(question: Question, credentials: Credentials): string {
  if (credentials.kind === 'key') return 'The user of this key may not do this.';
  const permission = question.method === 'GET' ? 'Memberships Read' : 'Memberships Write';
  return `The API token lacks a permission: give it "${permission}" on the user.`;
}

function remedyForAbsence(codes: readonly (number | undefined)[]): string {
  if (codes.includes(1003)) return 'The principal is not in that organization.';
  return 'Check the organization id, or CLOUDFLARE_BASE_URL if this happens for every request.';
}
