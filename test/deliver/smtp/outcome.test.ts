import { type NodemailerError } from 'nodemailer';
import { expect, test } from 'vitest';
import { classifyFailure } from '../../../src/deliver/smtp/outcome.ts';

function anError(given: Partial<NodemailerError>): NodemailerError {
  return Object.assign(new Error('failed'), given);
}

test.each([
  ['the login is refused', { code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535 }, 'retry'],
  ['a login is missing', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 530 }, 'retry'],
  ['the greeting is a refusal', { code: 'EPROTOCOL', command: 'CONN', responseCode: 554 }, 'retry'],
  ['the sender is refused', { code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 553 }, 'retry'],
  [
    'the message is too large, says the server',
    { code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 552 },
    'refused',
  ],
  [
    'the message is too large, by what the server announced',
    { code: 'EMESSAGE', command: 'MAIL FROM' },
    'refused',
  ],
  ['the recipient is unknown', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 }, 'refused'],
  ['the recipient is greylisted', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 450 }, 'retry'],
  ['DATA is out of sequence', { code: 'EENVELOPE', command: 'DATA', responseCode: 503 }, 'retry'],
  ['DATA is refused', { code: 'EENVELOPE', command: 'DATA', responseCode: 554 }, 'refused'],
  ['the connection is gone', { code: 'ECONNECTION', command: 'CONN' }, 'retry'],
])('before the end of the message, %s', (_what, error, outcome) => {
  expect(classifyFailure(anError(error), false)).toBe(outcome);
});

test.each([
  ['the message is refused', { code: 'EMESSAGE', command: 'DATA', responseCode: 554 }, 'refused'],
  ['the message is put off', { code: 'EMESSAGE', command: 'DATA', responseCode: 451 }, 'retry'],
  [
    'a failure reply is cut off by the drop',
    { code: 'ECONNECTION', command: 'CONN', responseCode: 451 },
    'retry',
  ],
  ['the reply makes no sense', { code: 'EMESSAGE', command: 'DATA', responseCode: 354 }, 'unknown'],
  ['the reply never ends', { code: 'EPROTOCOL', command: 'CONN' }, 'unknown'],
  ['the connection is gone', { code: 'ECONNECTION', command: 'CONN' }, 'unknown'],
  ['the socket fails', { code: 'ESOCKET', command: 'CONN' }, 'unknown'],
])('after the end of the message, %s', (_what, error, outcome) => {
  expect(classifyFailure(anError(error), true)).toBe(outcome);
});
