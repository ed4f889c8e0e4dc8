import { type Mail } from '../../src/deliver/mailer.ts';

/** A report's mail to one recipient, with a CSV. */
export function aMail(given: Partial<Mail> = {}): Mail {
  return {
    from: 'Rollcall <rollcall@example.com>',
    to: 'security@example.com',
    messageId: '<report-7.security@rollcall.example.com>',
    references: '<thread.failure-0123456789ab@rollcall.example.com>',
    inReplyTo: '<thread.failure-0123456789ab@rollcall.example.com>',
    kind: 'changes',
    principal: 'ops-bot',
    runId: 812,
    isImportant: true,
    subject: '[rollcall] ops-bot: 2 left, 1 joined',
    text: 'ops-bot: 2 left, 1 joined\n',
    html: '<p>ops-bot: 2 left, 1 joined</p>',
    attachment: { filename: 'rollcall-ops-bot-2026-08-14.csv', csv: 'change_id,kind\r\n1,left\r\n' },
    date: new Date('2026-08-14T02:00:05.000Z'),
    ...given,
  };
}
