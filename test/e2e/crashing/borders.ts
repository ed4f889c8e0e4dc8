import { databaseKind } from '../../support/database.ts';
import { type Death } from './fate.ts';

export type Program = 'run' | 'worker';

/** A border between two steps of a night: a process that dies there has done the one and not the other. */
export interface Border {
  name: string;
  death: Death;
  /** Where nothing that is kept has changed: Cloudflare or the mail server is asked, or a transaction is under way. */
  isInBetween?: boolean;
}

/** As it is about to write what has the last of these marks, once those before were seen in their order. */
function before(name: string, ...marks: RegExp[]): Border {
  return { name: `before ${name}`, death: { marks, side: 'before' } };
}

/** As {@link before}, where what is kept is as it was at the border before. */
function inBetween(name: string, ...marks: RegExp[]): Border {
  return { ...before(name, ...marks), isInBetween: true };
}

/** When it has written that, and not yet read an answer. */
function after(name: string, ...marks: RegExp[]): Border {
  return { name: `after ${name}`, death: { marks, side: 'after' } };
}

// As PostgreSQL's protocol has it: a statement takes effect by itself at the Sync that follows it. That is how the embedded
// database is asked; on a server each statement is in a transaction.
const sync = /S\0\0\0\x04$/;
const commit = /commit(\0|$)/i;
const jobCompleted = /state = 'completed'/;

const slotEnqueued = /"trigger":"catch_up"/;
const runClaimed = /insert into rollcall\.runs/;
const firstPage = /organizations\?\S*\bpage=1&/;
const secondPage = /organizations\?\S*\bpage=2&/;
const reportStored = /insert into "rollcall"\."reports"/;
const deliveriesStored = /insert into "rollcall"\."deliveries"/;
const deliveryEnqueued = /"deliveryId":/;
const attemptCounted = /"attempts" = "rollcall"\."deliveries"\."attempts" \+ 1/;
const outcomeRecorded = /update "rollcall"\."deliveries" set "state" = \$1, "sent_at" = \$2/;
const wholeNight = [deliveriesStored, deliveryEnqueued, commit];

/** Up to the transaction that stores the night. */
const untilStored: readonly Border[] = [
  before('it claims the run', runClaimed),
  after('it committed its claim', runClaimed, commit),
  inBetween('it asks who the principal is', /GET \S+\/user HTTP/),
  inBetween('it asks for the first page', firstPage),
  inBetween('it asks for the second page', secondPage),
  inBetween('it reads the listing again', firstPage, secondPage, firstPage),
  inBetween('it asks for the last page', secondPage, firstPage, secondPage),
  inBetween('it asks for the invitations', /GET \S+\/user\/invites/),
  inBetween('it stages the snapshot', /insert into pg_temp\.staged_memberships/),
  inBetween('it stores the changes', /insert into rollcall\.changes/),
  inBetween(
    'it completes the run',
    /update "rollcall"\."runs" set "state" = \$1, "finished_at" = \$2, "baseline_run_id"/,
  ),
  inBetween('it stores the report', reportStored),
  inBetween('it stores the deliveries', deliveriesStored),
  inBetween('it enqueues the deliveries', deliveriesStored, deliveryEnqueued),
  before('it commits the night', ...wholeNight),
  after('it committed the night', ...wholeNight),
];

/** From there to the last mail. */
const untilSent: readonly Border[] = [
  before('it counts an attempt', attemptCounted),
  inBetween('it greets the mail server', /^EHLO /),
  inBetween('MAIL FROM', /^MAIL FROM/),
  inBetween('RCPT TO', /^RCPT TO/),
  inBetween('DATA', /^DATA/),
  before('the dot that ends the message', /^DATA/, /^\.\r\n$/),
  after('the dot that ends the message', /^DATA/, /^\.\r\n$/),
  before('it records the outcome', outcomeRecorded),
  before("it completes the delivery's job", outcomeRecorded, jobCompleted),
];

function ofTheWorker() {
  const inEffect = databaseKind() === 'postgres' ? commit : sync;
  return {
    untilStored: [
      before('it enqueues the slot', slotEnqueued),
      after('it enqueued the slot', slotEnqueued, inEffect),
      ...untilStored,
    ],
    untilSent: [before("it completes the run's job", ...wholeNight, jobCompleted), ...untilSent],
  };
}

/**
 * The nights in which a process dies at every border: each night at some of them, in the order in which it comes there. In
 * between, nothing is kept that was not before, whichever the database is and whoever does the night: `run` on PostgreSQL dies
 * there, the others where something is kept, and at what comes of a mail.
 */
export function bordersOfNights(program: Program): Border[][] {
  const parts = program === 'run' ? { untilStored, untilSent } : ofTheWorker();
  const isAll = program === 'run' && databaseKind() === 'postgres';
  const nights = [0, 1, 2];
  return nights.map((night) =>
    [parts.untilStored, parts.untilSent].flatMap((part) =>
      part
        .filter(({ isInBetween }) => isAll || isInBetween !== true)
        .filter((_border, place) => place % nights.length === night),
    ),
  );
}
