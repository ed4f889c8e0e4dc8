import { codeOf } from './dialogue.ts';

/** What went wrong in a session, as nodemailer tells it and `SmtpRefusal` does. */
export interface SmtpFailure {
  message: string;
  /** Nodemailer's word for what went wrong, or Node's. */
  code?: string | undefined;
  /** Node's, where nodemailer has put its own in its place. */
  originalCode?: string | undefined;
  /** What OpenSSL says in words. */
  reason?: string | undefined;
  /** What was answered; `CONN` when it was nothing that we said. */
  command?: string | undefined;
  /** The whole answer. */
  response?: string | undefined;
  responseCode?: number | undefined;
}

/** How far an attempt came, and with what. */
export interface Progress {
  /** Whether the whole message was written to the connection. */
  handedOver: boolean;
  /** Whether a file goes with it, which makes it large. */
  hasFile: boolean;
}

/** Replies about the session rather than the message: out of sequence, or a login missing, weak or refused. */
const aboutTheSession = [503, 530, 534, 535, 538];

/**
 * What comes behind a 5 and still passes, or is mended by somebody else than whoever wrote the message: subject and detail of
 * RFC 3463 and of the registry that RFC 5248 began. What may be about this message or this recipient is not among them.
 */
const passing: Readonly<Record<string, string>> = {
  '1.7': 'the sender, as a setting has it, cannot be read',
  '1.8': 'the domain of the sender is not known, as a setting or a name server has it',
  '2.2': 'the mailbox is full',
  '3.1': "the server's disk is full",
  '3.2': 'the server takes nothing just now',
  '4.1': 'the next server does not answer',
  '4.2': 'the connection to the next server broke',
  '4.3': 'a name server does not answer',
  '4.5': 'too much mail, for the network or for a quota',
  '7.8': 'the login is not valid',
  '7.9': 'the login is too weak',
  '7.10': 'encryption is needed',
  '7.11': 'encryption is needed for the login',
  '7.12': 'the password has to be changed',
  '7.13': 'the account is disabled',
  '7.14': 'the servers do not trust each other',
  '7.28': 'too much mail of a kind',
};

/** The message is larger than this mailbox, or this server, takes. */
const aboutItsSize = ['2.3', '3.4'];

/**
 * What a failed attempt means. The reply decides where there is one. Without one, a server that never got the end of the
 * message cannot have taken it, and of one that did nobody can say: nodemailer's error is the same for a drop before MAIL
 * and after the body.
 */
export function classifyFailure(
  failure: SmtpFailure,
  progress: Progress,
): 'too_large' | 'refused' | 'retry' | 'unknown' {
  if (isAboutItsSize(failure, progress)) return progress.hasFile ? 'too_large' : 'refused';
  if (isAboutTheMessage(failure)) return 'refused';
  const { responseCode = 0 } = failure;
  return progress.handedOver && responseCode < 400 ? 'unknown' : 'retry';
}

/** 552 alone says that something is full or too large: what has no file is small, so it is full. */
function isAboutItsSize({ code, command, response = '' }: SmtpFailure, { hasFile }: Progress): boolean {
  if (command === 'MAIL FROM' && code === 'EMESSAGE') return true;
  const { replyClass, detail } = readReply(response);
  if (replyClass !== 5) return false;
  if (detail !== null && (aboutItsSize.includes(detail) || detail in passing))
    return aboutItsSize.includes(detail);
  return codeOf(response) === 552 && hasFile;
}

/** A sender that is refused is a matter of settings, not of the message. */
function isAboutTheMessage({ command, response = '' }: SmtpFailure): boolean {
  if (command !== 'RCPT TO' && command !== 'DATA') return false;
  const { replyClass, detail } = readReply(response);
  if (replyClass !== 5 || aboutTheSession.includes(codeOf(response))) return false;
  return detail === null ? codeOf(response) !== 552 : !(detail in passing);
}

/**
 * The first digit that a reply means, and subject and detail of its enhanced status code. Where code and enhanced code
 * contradict each other, the one that says "later" is believed: nobody is forgotten for it.
 */
function readReply(response: string): { replyClass: number; detail: string | null } {
  const code = codeOf(response);
  const enhanced = /^\d{3}[ -](?<class>[245])\.(?<detail>\d{1,3}\.\d{1,3})(?!\S)/.exec(response)?.groups;
  const replyClass = enhanced?.['class'] === '4' ? 4 : Math.floor(code / 100);
  return { replyClass, detail: enhanced?.['detail'] ?? null };
}
