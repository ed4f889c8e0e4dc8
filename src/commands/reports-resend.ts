import { Command } from 'commander';
import { awayIn, deliverEach } from '../pipeline/deliver.ts';
import { loadConfig } from '../config.ts';
import { type Context, withContext } from '../context.ts';
import { type Attempt } from '../deliver/attempt.ts';
import { type Resend, resendReport } from '../deliver/resend.ts';
import { type Way, wayOf } from '../deliver/way.ts';
import { listDeliveries } from '../history/reports.ts';
import { describeAttempt } from '../terminal/attempts.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { collect, reportNumber } from '../terminal/options.ts';
import { type Terminal } from '../terminal/terminal.ts';

interface ResendOptions {
  to?: string[];
}

/**
 * `rollcall reports resend REPORT`: sends a report to those who have not had it, or to those named by `--to`; status 1
 * unless all of them have it now.
 */
export function reportsResendCommand(terminal: Terminal, setStatus: SetStatus): Command {
  return new Command('resend')
    .summary('send a report to those who have not had it')
    .description(
      'Owes a report again to those to whom it has not been sent, refused and given up ones among them, and attempts it now, ' +
        'under the Message-ID or webhook-id that each had before. Nothing else that is owed is attempted.',
    )
    .argument('<report>', 'the report id, as `rollcall reports` tells it', reportNumber)
    .option(
      '--to <recipient>',
      'only to this address or webhook (webhook:…), even if it has been sent there (repeatable)',
      collect,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall reports resend 7\n  rollcall reports resend 7 --to security@example.com',
    )
    .action(async (reportId: number, { to }: ResendOptions) => {
      await withContext({ config: loadConfig(), signal: terminal.signal }, async (context) => {
        const { db, queue, now } = context;
        await queue.takeBackFromTheDead();
        const resend = await resendReport(db, queue, { reportId, to, now: now() });
        if (resend.recipients.length === 0) {
          terminal.print(await describeAllSent(context, reportId));
          return;
        }
        const attempts = await deliverEach(context, resend.drain);
        for (const attempt of attempts) describeAttempt(terminal, attempt);
        const others = await findOthers(context, reportId, { resend, attempts });
        const why = (other: Delivery) =>
          reasonFor(other, { isStopped: terminal.signal.aborted, away: awayIn(attempts) });
        for (const other of others) describeOther(terminal, other, why(other));
        const isSent = attempts.every(({ outcome }) => outcome.outcome === 'sent');
        setStatus(isSent && others.every(({ state }) => state === 'sent') ? 0 : 1);
      });
    });
}

async function describeAllSent({ db }: Context, reportId: number): Promise<string> {
  const recipients = (await listDeliveries(db, reportId)).map(({ recipient }) => recipient);
  const to = recipients.map((recipient) => ` --to ${recipient}`).join('');
  return `Report ${reportId} has been sent to all it is for; to send it again: rollcall reports resend ${reportId}${to}`;
}

type Delivery = Awaited<ReturnType<typeof listDeliveries>>[number];

/** Those that this process did not come to attempt, as they stand now. */
async function findOthers(
  { db }: Context,
  reportId: number,
  { resend, attempts }: { resend: Resend; attempts: readonly Attempt[] },
): Promise<Delivery[]> {
  const attempted = new Set(attempts.map(({ deliveryId }) => deliveryId));
  const others = resend.recipients.filter(({ deliveryId }) => !attempted.has(deliveryId));
  const ids = new Set(others.map(({ deliveryId }) => deliveryId));
  return (await listDeliveries(db, reportId)).filter(({ id }) => ids.has(id));
}

/** Why one was not attempted. */
function reasonFor(
  other: Delivery,
  { isStopped, away }: { isStopped: boolean; away: ReadonlySet<Way> },
): string {
  const staysOwed = 'It stays owed: the next run, or the worker, sends it';
  if (isStopped) return `rollcall was told to stop before. ${staysOwed}`;
  if (away.has(wayOf(other))) return `the server would not have it either. ${staysOwed}`;
  return `another process has it in hand. \`rollcall reports show ${other.reportId}\` tells what becomes of it`;
}

function describeOther(terminal: Terminal, { recipient, state }: Delivery, why: string): void {
  if (state === 'sent') terminal.print(`sent to ${recipient} by another process`);
  else terminal.warn(`report to ${recipient} not sent: ${why}.`);
}
