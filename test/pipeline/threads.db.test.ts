import { simpleParser } from 'mailparser';
import { beforeEach, expect, it } from 'vitest';
import { digestJob } from '../../jobs/digest.ts';
import { watchdogJob } from '../../jobs/watchdog.ts';
import { type Context } from '../../src/context.ts';
import { deliveries, runs } from '../../src/database/schema.ts';
import { oweAgain } from '../../src/deliver/owe.ts';
import { type Mail } from '../../src/deliver/mailer.ts';
import { writeMessage } from '../../src/deliver/message.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { approveRun, rejectRun } from '../../src/pipeline/decide.ts';
import { deliverAll } from '../../src/pipeline/deliver.ts';
import { drainDigest } from '../../src/pipeline/digest.ts';
import { type SimulatedMembership } from '../../src/simulator/principal.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { createPostbox } from '../deliver/owed.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';
import { threadAsGmail, threadByReferences, type ThreadedMail } from '../support/threaders.ts';

const database = useDatabase();

let simulator: Simulator;
let now: Date;
let context: Context;
let postbox: ReturnType<typeof createPostbox>;
/** What each mail is called below, by its Message-ID. */
let titles: Map<string, string>;
beforeEach(async () => {
  simulator = await startedSimulator({ organizations: 60, principals: 2 });
  postbox = createPostbox();
  titles = new Map();
  const made = aContext({ db: database.db, queue: database.queue, simulator, now: () => now });
  const config = { ...made.config, catchUpHours: 0, principals: made.config.principals.slice(0, 1) };
  context = { ...made, mailer: postbox, config };
});

/** Two o'clock UTC of that day of August 2026, and so many hours later. */
function at(day: number, hours = 0): Date {
  return new Date(Date.UTC(2026, 7, day, 2 + hours));
}

/** Sends what is owed now, under the titles of the day. */
async function send(day: number): Promise<void> {
  const before = postbox.mails.length;
  await deliverAll(context);
  for (const { messageId, kind } of postbox.mails.slice(before)) titles.set(messageId, `${day} ${kind}`);
}

async function night(day: number, change: () => void = () => undefined): Promise<number> {
  change();
  now = at(day);
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  await runPrincipal(context, { principal, trigger: 'manual', slot: null });
  await send(day);
  return (await database.db.select({ id: runs.id }).from(runs)).reduce(
    (most, { id }) => Math.max(most, id),
    0,
  );
}

async function watchdog(day: number): Promise<void> {
  now = at(day, 12);
  await watchdogJob.clock?.tick({ ...context, config: { ...context.config, digest: null } }, now);
  await send(day);
}

async function digest(day: number): Promise<void> {
  now = at(day, 6);
  await digestJob.clock?.tick(context, now);
  await drainDigest(context);
  await send(day);
}

/** Takes that many organizations away, and returns how to bring them back. */
function loseSome(count: number): () => void {
  const principal = simulator.world.principal();
  const gone: SimulatedMembership[] = principal.memberships
    .slice(0, count)
    .map(({ id }) => principal.remove(id));
  return () => gone.forEach((membership) => principal.put(membership));
}

/** A month of a principal's, to one recipient. */
async function tellMonth(): Promise<void> {
  const principal = simulator.world.principal();
  await night(3);
  await night(4, () => principal.put());
  await night(5, () => principal.put());
  await night(6, () => (principal.tokenMay.list = false));
  await night(7);
  await watchdog(8);
  await night(9, () => (principal.tokenMay.list = true));
  await digest(10);
  await night(11, () => (principal.tokenMay.list = false));
  await night(12, () => (principal.tokenMay.list = true));
  await tellHolds();
}

async function tellHolds(): Promise<void> {
  const first = await night(13, () => void loseSome(20));
  await night(14);
  now = at(14, 1);
  await approveRun(context, first);
  await send(14);
  let bringBack: () => void = () => undefined;
  await night(15, () => (bringBack = loseSome(16)));
  await night(
    16,
    () => void simulator.world.principal().remove(simulator.world.principal().memberships[0]?.id ?? ''),
  );
  await digest(17);
  await night(18, () => bringBack());
  const rejected = await night(19, () => (bringBack = loseSome(17)));
  await rejectRun(context, rejected);
  await night(20);
  simulator.world.principal().tokenMay.list = false;
  await night(22);
  await night(23, () => {
    simulator.world.principal().tokenMay.list = true;
    bringBack();
  });
  await digest(24);
}

/** The mails as their headers tell them over the wire. */
async function readMails(): Promise<(ThreadedMail & { title: string; kind: string })[]> {
  return Promise.all(postbox.mails.map(readMail));
}

async function readMail(mail: Mail) {
  const message = await writeMessage(mail);
  if ('outcome' in message) throw new Error('expected a message');
  const { messageId = '', references, subject = '', date = new Date(0) } = await simpleParser(message.source);
  return {
    messageId,
    subject,
    date,
    references: [references ?? []].flat(),
    title: titles.get(messageId) ?? '',
    kind: mail.kind,
  };
}

function titlesOf(threads: readonly (readonly { title: string }[])[]): string[] {
  return threads.map((thread) => thread.map(({ title }) => title).join(', ')).sort();
}

const incidents = [
  '10 digest, 17 digest, 24 digest',
  '11 failure, 12 recovery',
  '13 held, 14 held, 14 changes',
  // Other suspects have a number of their own; the night that ends it ends what was asked last.
  '15 held',
  '16 held, 18 recovery',
  '18 changes',
  // Rejected: that it is so again is news.
  '19 held',
  '20 held, 23 recovery',
  '22 failure',
  '3 baseline',
  '4 changes',
  '5 changes',
  '6 failure, 7 failure, 8 failure, 9 recovery',
].sort();

it('mails of one incident are one thread by their references, and no two incidents are', async () => {
  await tellMonth();
  expect(titlesOf(threadByReferences(await readMails()))).toEqual(incidents);
});

it('in Gmail no conversation has two incidents in it, not even were all subjects of a kind the same', async () => {
  await tellMonth();
  const mails = (await readMails()).map((mail) => ({ ...mail, subject: mail.kind }));
  const conversations = threadAsGmail(mails).map((conversation) => conversation.map(({ title }) => title));
  for (const conversation of conversations) {
    const itsIncidents = incidents.filter((incident) =>
      conversation.some((title) => incident.split(', ').includes(title)),
    );
    expect(itsIncidents, conversation.join()).toHaveLength(1);
  }
  expect(conversations.map((titles) => titles.join(', '))).toEqual(
    expect.arrayContaining([
      '6 failure, 7 failure, 8 failure',
      '13 held, 14 held',
      '10 digest, 17 digest, 24 digest',
    ]),
  );
  const withoutReferences = mails.map((mail) => ({ ...mail, references: [] }));
  expect(titlesOf(threadAsGmail(withoutReferences))).toContain('4 changes, 5 changes');
});

it('a retry says the same, whatever was decided, ended or told since', async () => {
  await tellMonth();
  const first = postbox.mails.slice();
  const ids = (await database.db.select({ id: deliveries.id }).from(deliveries)).map(({ id }) => id);
  await database.db.transaction((tx) => oweAgain(tx, context.queue, { ids, now }));
  await deliverAll(context);
  const again = new Map(postbox.mails.slice(first.length).map((mail) => [mail.messageId, mail]));
  expect(again.size).toBe(first.length);
  for (const mail of first) expect(again.get(mail.messageId)).toEqual(mail);
});

it('another principal’s trouble is another thread', async () => {
  const principal = simulator.world.principal();
  await night(3);
  await night(4, () => (principal.tokenMay.list = false));
  const all = aContext({ db: database.db, queue: database.queue, simulator, now: () => now }).config
    .principals;
  context = { ...context, config: { ...context.config, principals: all.slice(1) } };
  simulator.world.principal(all[1]?.name).tokenMay.list = false;
  await night(5);
  await night(6);
  expect(titlesOf(threadByReferences(await readMails()))).toEqual([
    '3 baseline',
    '4 failure',
    '5 failure, 6 failure',
  ]);
});

it('what is held, and Super Administrator gained or lost, is important, and nothing else is', async () => {
  const principal = simulator.world.principal();
  const superAdministrator = 'Super Administrator - All Privileges';
  await night(3);
  await night(4, () => principal.put({ roles: ['Billing'] }));
  await night(5, () => principal.put({ roles: [superAdministrator] }));
  await night(6, () => principal.put({ status: 'invited', roles: [superAdministrator] }));
  await night(7, () => void loseSome(20));
  await watchdog(9);
  const important = postbox.mails.filter(({ isImportant }) => isImportant);
  expect(important.map(({ messageId }) => titles.get(messageId))).toEqual(['5 changes', '7 held']);
  expect(postbox.mails.length).toBeGreaterThan(important.length + 2);
});

it('whoever does not hear that Super Administrator was gained is not hurried by it', async () => {
  context.config.audiences = [
    { to: ['all@example.com'] },
    { to: ['invitations@example.com'], categories: ['invitation'] },
  ];
  await night(3);
  await night(4, () => {
    simulator.world.principal().put({ roles: ['Super Administrator - All Privileges'] });
    simulator.world.principal().put({ status: 'invited', roles: ['Billing'] });
  });
  const changes = postbox.mails.filter(({ kind }) => kind === 'changes');
  expect(changes.map(({ to, isImportant }) => [to, isImportant])).toEqual([
    ['all@example.com', true],
    ['invitations@example.com', false],
  ]);
});
