import { type Config } from '../config.ts';
import { type Database } from '../database/database.ts';
import { oweReport } from '../deliver/owe.ts';
import { type Queue } from '../queue/queue.ts';
import { type AddressedReport, type Telling } from '../report/addressed.ts';
import { writeJson } from '../report/forms/json.ts';

/** What an act of a run needs from around it, and the instant at which it happens. */
export interface Setting {
  config: Pick<Config, 'audiences' | 'hold' | 'mailFrom' | 'command' | 'schedule'>;
  queue: Pick<Queue, 'enqueue'>;
  now: Date;
}

/** What reports are about: a run of a principal, a principal alone, or the nights up to a slot. */
export interface About {
  runId: number | null;
  principalId: number | null;
  slot?: Date;
  /** Whether the mail belongs to no thread, whatever its kind. Default: no. */
  standsAlone?: boolean;
}

/** To whom the configuration has reports told, and how. */
export function tellingOf({
  audiences,
  command,
  schedule,
}: Pick<Config, 'audiences' | 'command' | 'schedule'>): Telling {
  return { audiences, voice: { command, timezone: schedule.timezone } };
}

/** Owes each report to everybody who gets it. Call it within the transaction that stores what they tell. */
export async function oweAll(
  tx: Database,
  reports: readonly AddressedReport[],
  {
    about,
    setting,
  }: { about: About; setting: Omit<Setting, 'config'> & { config: Pick<Config, 'mailFrom'> } },
): Promise<void> {
  const { queue, config, now } = setting;
  for (const report of reports) {
    const { event, ...told } = report;
    const json = report.recipients.some(({ carrier }) => carrier === 'webhook') ? writeJson(event) : null;
    const owed = { ...told, json, slot: null, ...about, createdAt: now };
    await oweReport(tx, owed, { queue, mailFrom: config.mailFrom });
  }
}
