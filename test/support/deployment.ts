import { simpleParser, type ParsedMail } from 'mailparser';
import { type SMTPServerOptions } from 'smtp-server';
import { expect, onTestFinished } from 'vitest';
import { type Database } from '../../src/database/database.ts';
import { deliveries } from '../../src/database/schema.ts';
import { type Change } from '../../src/domain/change.ts';
import { listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { listRuns } from '../../src/history/runs.ts';
import { verifyRecorded } from '../../src/history/verify/recorded.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { type WorldOptions } from '../../src/simulator/world.ts';
import { type MailServer, startMailServer } from '../deliver/mail-server.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { type Ended, rollcall, type Variables } from './command-line.ts';
import { databaseEnvironment, type DatabaseEnvironment, lookInto } from './database-environment.ts';

/** Everything around the command line: the simulated Cloudflare, a database, a real mail server. */
export interface Deployment {
  simulator: Simulator;
  mailServer: MailServer;
  database: DatabaseEnvironment;
  /** What the command line reads; change it to break something. */
  variables: Record<string, string>;
  /** Runs the command line in this deployment. */
  rollcall: (args: readonly string[], more?: Variables) => Promise<Ended>;
  /** The mails that arrived so far, parsed. */
  readMails: () => Promise<ParsedMail[]>;
  /** What the database holds. Not while a command has an embedded one open. */
  readHistory: () => Promise<History>;
}

export interface History {
  /** Newest first. */
  runs: Awaited<ReturnType<typeof listRuns>>;
  changes: Change[];
  members: Awaited<ReturnType<typeof listMembers>>;
  deliveries: (typeof deliveries.$inferSelect)[];
}

export interface DeploymentOptions {
  world?: WorldOptions;
  mailServer?: SMTPServerOptions;
}

/**
 * A slot so far away on either side that it is neither about to come nor too fresh to count as missed: a worker that
 * starts catches it up.
 */
export const halfADayAway = { ROLLCALL_SCHEDULE: `0 ${(new Date().getUTCHours() + 12) % 24} * * *` };

/** A deployment for one test, gone with it; the principal `default`, reports to security@example.com. */
export async function deploy({ world, mailServer }: DeploymentOptions = {}): Promise<Deployment> {
  const simulator = await startedSimulator({ organizations: 60, ...world });
  const mail = await startMailServer(mailServer);
  onTestFinished(() => mail[Symbol.asyncDispose]());
  const database = await databaseEnvironment();
  const variables: Record<string, string> = {
    ...database,
    CLOUDFLARE_BASE_URL: simulator.url,
    CLOUDFLARE_API_TOKEN: simulator.world.principal().apiToken,
    SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
    MAIL_FROM: 'Rollcall <rollcall@example.com>',
    MAIL_TO: 'security@example.com',
    // Where another worker answers already, a worker says so in a line of its own.
    ROLLCALL_HTTP: '127.0.0.1:0',
  };
  return {
    simulator,
    mailServer: mail,
    database,
    variables,
    rollcall: (args, more = {}) => rollcall(args, { ...variables, ...more }),
    readMails: () => Promise.all(mail.messages.map((message) => simpleParser(message))),
    readHistory: () => lookInto(database, readHistory),
  };
}

/** Whatever happened, what is there has to match what was recorded. */
async function readHistory(db: Database): Promise<History> {
  const { principals, strays } = await verifyRecorded(db);
  expect([...strays, ...principals.flatMap(({ mismatch }) => mismatch ?? [])]).toEqual([]);
  return {
    runs: await listRuns(db, { limit: 100 }),
    changes: await listChanges(db, {}),
    members: await listMembers(db, {}),
    deliveries: await db.select().from(deliveries).orderBy(deliveries.id),
  };
}
