import { createHmac } from 'node:crypto';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { codeOf, say, SmtpRefusal } from './dialogue.ts';
import { type SmtpServer } from './url.ts';

type Login = NonNullable<SmtpServer['login']>;

/** What to say for a login, line by line; a line may rest on the answer to the one before it. */
type Script = readonly ((answer: string, login: Login) => string)[];

/** The ways to log in that we know, the first that is offered is taken. */
const scripts: Readonly<Record<string, Script>> = {
  PLAIN: [(_answer, { user, password }) => `AUTH PLAIN ${inBase64(`\0${user}\0${password.reveal()}`)}`],
  LOGIN: [
    () => 'AUTH LOGIN',
    (_answer, { user }) => inBase64(user),
    (_answer, { password }) => inBase64(password.reveal()),
  ],
  'CRAM-MD5': [
    () => 'AUTH CRAM-MD5',
    (answer, { user, password }) => inBase64(`${user} ${digestOf(challengeIn(answer), password.reveal())}`),
  ],
};

/** A server offers no way to log in that we know. Nothing was sent of the login. */
export class NoWayToLogIn extends Error {
  override readonly name = 'NoWayToLogIn';

  constructor(offered: readonly string[]) {
    const what = offered.length === 0 ? 'no login' : `a login by ${offered.join(', ')} alone`;
    super(`the server offers ${what}; rollcall knows ${Object.keys(scripts).join(', ')}`);
  }
}

/**
 * Logs in by a way that the server has offered. Throws {@link NoWayToLogIn} before anything secret is sent, and
 * {@link SmtpRefusal} when it does not let us in.
 */
export async function logIn(connection: SMTPConnection, login: Login): Promise<void> {
  const offered = mechanismsIn(String(connection.lastServerResponse));
  const [, script] = Object.entries(scripts).find(([name]) => offered.includes(name)) ?? [];
  if (script === undefined) throw new NoWayToLogIn(offered);
  let answer = '334 ';
  for (const line of script) {
    if (codeOf(answer) !== 334) throw new SmtpRefusal('AUTH', answer);
    answer = await say(connection, line(answer, login));
  }
  if (Math.floor(codeOf(answer) / 100) !== 2) throw new SmtpRefusal('AUTH', answer);
}

/** Nobody offers more, and nobody reads them. */
const mostMechanisms = 20;

/**
 * The ways to log in that an answer to EHLO offers, `AUTH PLAIN` or in the old form `AUTH=PLAIN`. What RFC 4422 does not
 * take for a name is left out. The first line is a greeting.
 */
export function mechanismsIn(answer: string): string[] {
  const offers = answer
    .split('\n')
    .slice(1)
    .filter((line) => /^250[ -]AUTH[ =]/i.test(line));
  const words = offers.flatMap((line) => line.slice('250-AUTH '.length).toUpperCase().split(/[\s=]/));
  return [...new Set(words.filter((word) => /^[A-Z\d_-]{1,20}$/.test(word)))].slice(0, mostMechanisms);
}

/** Longer than any challenge that a server makes. */
const longestChallenge = 2000;

function challengeIn(answer: string): Buffer {
  return Buffer.from(answer.slice('334 '.length, longestChallenge), 'base64');
}

function digestOf(challenge: Buffer, password: string): string {
  return createHmac('md5', password).update(challenge).digest('hex');
}

function inBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
