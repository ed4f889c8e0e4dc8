import { type Config } from '../config.ts';
import { type Database } from '../database/database.ts';
import { oweReport } from '../deliver/owe.ts';
import { type Queue } from '../queue/queue.ts';
import { type AddressedReport } from '../report/addressed.ts';
import { nameCommandsIn } from '../report/commands-in-text.ts';

/** What an act of a run needs from around it, and the instant at which it happens. */
export interface Setting {
  config: Pick<Config, 'audiences' | 'hold' | 'mailFrom' | 'command'>;
  queue: Pick<Queue, 'enqueue'>;
  now: Date;
}

/** What reports are about: a run of a principal, a principal alone, or the nights up to a slot. */
export interface About {
  runId: number | null;
  principalId: number | null;
  slot?: Date;
}

/** Owes each report to everybody who gets it. Call it within the transaction that stores what they tell. */
export async function oweAll(
  tx: Database,
  reports: readonly AddressedReport[],
  {
    about,
    setting,
  }: { about: About; setting: Omit<Setting, 'config'> & { config: Pick<Config, 'mailFrom' | 'command'> } },
): Promise<void> {
  const { queue, config, now } = setting;
  for (const report of reports) {
    const owed = { ...nameCommandsIn(report, config.command), slot: null, ...about, createdAt: now };
    await oweReport(tx, owed, { queue, mailFrom: config.mailFrom });
  }
}
