import { expect, test } from 'vitest';
import { codeOf } from '../../../src/deliver/smtp/dialogue.ts';
import { classifyFailure, type Progress, type SmtpFailure } from '../../../src/deliver/smtp/outcome.ts';

/** A failure as nodemailer tells it: with the answer's code beside the answer, where there was one. */
function classify(given: Partial<SmtpFailure>, progress: Partial<Progress> = {}) {
  const { response } = given;
  const replied = response === undefined ? {} : { responseCode: codeOf(response) };
  const failure = { message: 'failed', ...replied, ...given };
  return classifyFailure(failure, { handedOver: false, hasFile: true, ...progress });
}

const connectionLost = { code: 'ECONNECTION', command: 'CONN' };

test.each([
  ['a login is missing', { command: 'RCPT TO', response: '530 log in' }, 'retry'],
  ['the greeting is a refusal', { command: 'CONN', response: '554 no' }, 'retry'],
  ['the sender is refused', { command: 'MAIL FROM', response: '553 no' }, 'retry'],
  ['the recipient is unknown', { command: 'RCPT TO', response: '550 no such user' }, 'refused'],
  ['the recipient is greylisted', { command: 'RCPT TO', response: '450 later' }, 'retry'],
  ['DATA is out of sequence', { command: 'DATA', response: '503 bad sequence' }, 'retry'],
  ['DATA is refused', { command: 'DATA', response: '554 spam' }, 'refused'],
  ['the connection is gone', connectionLost, 'retry'],
])('before the end of the message, %s', (_what, failure, outcome) => {
  expect(classify(failure)).toBe(outcome);
});

test.each([
  ['the message is refused', { command: 'DATA', response: '554 spam' }, 'refused'],
  ['the message is put off', { command: 'DATA', response: '451 later' }, 'retry'],
  ['a failure reply is cut off by the drop', { ...connectionLost, response: '451 lat' }, 'retry'],
  ['the reply makes no sense', { command: 'DATA', response: '354 go on' }, 'unknown'],
  ['the reply never ends', { code: 'EPROTOCOL', command: 'CONN' }, 'unknown'],
  ['the connection is gone', connectionLost, 'unknown'],
  ['the socket fails', { code: 'ESOCKET', command: 'CONN' }, 'unknown'],
])('after the end of the message, %s', (_what, failure, outcome) => {
  expect(classify(failure, { handedOver: true })).toBe(outcome);
});

test.each([
  {
    what: 'a daily quota',
    command: 'DATA',
    response: '550 5.4.5 Daily user sending quota exceeded',
    outcome: 'retry',
  },
  {
    what: 'a daily quota, told on several lines',
    command: 'DATA',
    response: '550-5.4.5 Daily quota.\n550 5.4.5 See our help',
    outcome: 'retry',
  },
  { what: 'a full mailbox', command: 'RCPT TO', response: '552 5.2.2 Mailbox full', outcome: 'retry' },
  {
    what: 'a full mailbox, by another code',
    command: 'DATA',
    response: '550 5.2.2 Over quota',
    outcome: 'retry',
  },
  { what: 'a full disk', command: 'DATA', response: '554 5.3.1 Mail system full', outcome: 'retry' },
  { what: 'a flood', command: 'DATA', response: '550 5.7.28 Mail flood detected', outcome: 'retry' },
  {
    what: 'a sender that cannot be looked up',
    command: 'RCPT TO',
    response: '550 5.1.8 Sender domain not found',
    outcome: 'retry',
  },
  {
    what: 'a later in the enhanced code alone',
    command: 'RCPT TO',
    response: '550 4.7.1 Greylisted',
    outcome: 'retry',
  },
  { what: 'an unknown user', command: 'RCPT TO', response: '550 5.1.1 No such user', outcome: 'refused' },
  {
    what: 'a mailbox that is no more',
    command: 'RCPT TO',
    response: '550 5.2.1 Disabled',
    outcome: 'refused',
  },
  { what: 'a policy', command: 'DATA', response: '550 5.7.1 Not authorized', outcome: 'refused' },
  { what: 'no route to the recipient', command: 'RCPT TO', response: '550 5.4.4 No MX', outcome: 'refused' },
  { what: 'a longer number', command: 'RCPT TO', response: '550 5.2.22 Something else', outcome: 'refused' },
  {
    what: 'a number within the text',
    command: 'RCPT TO',
    response: '550 no such user, 5.2.2',
    outcome: 'refused',
  },
])('behind a 5, $what decides: $response is $outcome', ({ command, response, outcome }) => {
  expect(classify({ command, response })).toBe(outcome);
});

test.each([
  { what: 'the server says', command: 'MAIL FROM', response: '552 too large', withoutFile: 'retry' },
  {
    what: 'the server says in so many words',
    command: 'MAIL FROM',
    response: '552 5.3.4 too large',
    withoutFile: 'refused',
  },
  {
    what: 'the server says after the whole of it',
    command: 'DATA',
    response: '552 5.3.4 too large',
    withoutFile: 'refused',
  },
  {
    what: 'the server says by another code',
    command: 'DATA',
    response: '554 5.3.4 too large',
    withoutFile: 'refused',
  },
  {
    what: 'the mailbox takes no more',
    command: 'RCPT TO',
    response: '550 5.2.3 too long',
    withoutFile: 'refused',
  },
  {
    what: 'the file is not to its taste',
    command: 'DATA',
    response: '552-5.7.0 blocked for its content',
    withoutFile: 'refused',
  },
])('too large, as $what: not with its file, $withoutFile without', ({ command, response, withoutFile }) => {
  expect(classify({ command, response })).toBe('too_large');
  expect(classify({ command, response }, { hasFile: false })).toBe(withoutFile);
});

test('too large, by what the server announced: not with its file', () => {
  const failure = { code: 'EMESSAGE', command: 'MAIL FROM' };
  expect(classify(failure)).toBe('too_large');
  expect(classify(failure, { hasFile: false })).toBe('refused');
});
