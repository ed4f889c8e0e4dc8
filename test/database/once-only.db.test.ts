import { type SQL, sql } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { claim, night, takeNight } from '../support/nights.ts';
import { checkViolation, refusalOf, uniqueViolation } from '../support/refusal.ts';

const database = useDatabase();

/** Run 1 and report 1 are ops-bot's. */
beforeEach(async () => {
  await takeNight(database.db, []);
  await database.db.execute(sql`
    insert into rollcall.reports (run_id, kind, subject, text, html) values (1, 'baseline', '', '', '')`);
});

test('Postgres refuses two runs of one slot, unless the first was abandoned', async () => {
  const slot = night(4);
  const run = await claim(database.db, { trigger: 'schedule', slot, at: slot });
  const end = (abandoned: boolean) => sql`
    update rollcall.runs
    set state = 'failed', error = 'it failed', finished_at = started_at, abandoned = ${abandoned}
    where id = ${run.id}`;
  const again = sql`
    insert into rollcall.runs (principal_id, trigger, slot, state, started_at)
    values (${run.principalId}, 'catch_up', ${slot.toISOString()}, 'running', now())`;

  await database.db.execute(end(false));
  expect(await refusalOf(database.db, again)).toEqual({
    code: uniqueViolation,
    constraint: 'runs_one_for_each_slot',
  });
  await database.db.execute(end(true));
  await database.db.execute(again);
});

test('Postgres refuses a second running run of one principal', async () => {
  const { principalId } = await claim(database.db);
  const second = sql`
    insert into rollcall.runs (principal_id, trigger, state, started_at)
    values (${principalId}, 'manual', 'running', now())`;

  expect(await refusalOf(database.db, second)).toEqual({
    code: uniqueViolation,
    constraint: 'runs_one_running_for_each_principal',
  });
});

test('Postgres refuses a second delivery to one recipient, also in another case', async () => {
  const delivery = (recipient: string) => sql`
    insert into rollcall.deliveries (report_id, recipient, message_id)
    values (1, ${recipient}, ${`<${recipient}>`})`;

  await database.db.execute(delivery('security@example.com'));
  expect(await refusalOf(database.db, delivery('Security@Example.com'))).toEqual({
    code: uniqueViolation,
    constraint: 'deliveries_once_to_each_recipient',
  });
});

test('Postgres refuses two deliveries with one Message-ID', async () => {
  const delivery = (recipient: string) => sql`
    insert into rollcall.deliveries (report_id, recipient, message_id) values (1, ${recipient}, '<1>')`;

  await database.db.execute(delivery('security@example.com'));
  expect(await refusalOf(database.db, delivery('audit@example.com'))).toMatchObject({
    code: uniqueViolation,
  });
});

test('Postgres refuses a delivery that was sent but not when, and one that was not sent but when', async () => {
  const delivery = (state: string, sentAt: SQL) => sql`
    insert into rollcall.deliveries (report_id, recipient, message_id, state, sent_at)
    values (1, 'security@example.com', '<1>', ${state}, ${sentAt})`;
  const refusal = { code: checkViolation, constraint: 'deliveries_sent_say_when' };

  expect(await refusalOf(database.db, delivery('sent', sql`null`))).toEqual(refusal);
  expect(await refusalOf(database.db, delivery('pending', sql`now()`))).toEqual(refusal);
});
