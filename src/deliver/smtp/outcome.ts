import { type NodemailerError } from 'nodemailer';

/** Replies about the session rather than the message: out of sequence, or a login missing, weak or refused. */
const aboutTheSession = [503, 530, 534, 535, 538];

/**
 * What a failed attempt means, where `handedOver` tells whether the whole message was written to the connection. The
 * reply decides where there is one. Without one, a server that never got the end of the message cannot have taken
 * it, and of one that did nobody can say: nodemailer's error is the same for a drop before MAIL and after the body.
 */
export function classifyFailure(
  error: NodemailerError,
  handedOver: boolean,
): 'refused' | 'retry' | 'unknown' {
  if (isAboutTheMessage(error)) return 'refused';
  const { responseCode = 0 } = error;
  return handedOver && responseCode < 400 ? 'unknown' : 'retry';
}

/** A sender that is refused is a matter of settings, not of the message, except for its size. */
function isAboutTheMessage({ code, command, responseCode = 0 }: NodemailerError): boolean {
  if (command === 'MAIL FROM') return responseCode === 552 || code === 'EMESSAGE';
  if (command !== 'RCPT TO' && command !== 'DATA') return false;
  return responseCode >= 500 && responseCode < 600 && !aboutTheSession.includes(responseCode);
}
