import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { type Membership } from '../../src/domain/membership.ts';
import { useDatabase } from '../support/database.ts';
import { acme, globex, takeNight } from '../support/nights.ts';
import {
  administrator,
  at,
  dayOf,
  inAcme,
  inGlobex,
  initech,
  keepHistory,
  named,
  superAdministrator,
} from './early-2026.ts';
import { blocksOf, pages, plain, queryUnder, readPage, sectionOf, spansOf, tableOf } from './markdown.ts';

const database = useDatabase();
const history = readPage('docs/history.md');

async function answer(heading: string, position = 0): Promise<Record<string, unknown>[]> {
  return queryRows(database.db, sql.raw(queryUnder(history, heading, position)));
}

describe('the first questions of the history', () => {
  beforeEach(() => keepHistory(database.db));

  it('tell who could touch an organization in a month, with what and from when to when', async () => {
    const rows = await answer('Who could touch this organization in March, and with what?');
    expect(rows).toMatchObject([
      { principal: 'ops-bot', roles: [administrator] },
      { principal: 'legacy', roles: [administrator], valid_to: null },
      { principal: 'ops-bot', roles: [administrator, superAdministrator] },
    ]);
  });

  it('leave out who was only invited to it, or suspended', async () => {
    const third = (day: string) => ({ ...at(day), principal: 'third' });
    await takeNight(database.db, [inAcme({ status: 'invited' })], third('2026-03-10'));
    await takeNight(database.db, [inAcme({ status: 'suspended' })], third('2026-03-11'));
    const rows = await answer('Who could touch this organization in March, and with what?');
    expect(rows.map(({ principal }) => principal)).toEqual(['ops-bot', 'legacy', 'ops-bot']);
  });

  it('tell the same of one instant', async () => {
    const rows = await answer('Who could touch this organization in March, and with what?', 1);
    expect(rows.map(({ principal, roles }) => [principal, roles])).toEqual(
      expect.arrayContaining([
        ['legacy', [administrator]],
        ['ops-bot', [administrator, superAdministrator]],
      ]),
    );
    expect(rows).toHaveLength(2);
  });

  it('find Super Administrators in both spellings, and those of today only', async () => {
    const heading = 'Who holds Super Administrator, and since when?';
    expect(await answer(heading)).toMatchObject([{ principal: 'ops-bot', organization_id: globex }]);
    const inBoth = [inAcme({ roles: [superAdministrator] }), inGlobex({ roles: [administrator] })];
    await takeNight(database.db, inBoth, at('2026-04-03'));
    expect(await answer(heading)).toMatchObject([{ principal: 'ops-bot', organization_id: acme }]);
  });

  it('tell in which window Super Administrator came, and not that an invitation offers it', async () => {
    await takeNight(database.db, [inAcme({ roles: [superAdministrator] })], {
      ...at('2026-03-30'),
      principal: 'third',
    });
    const rows = await answer('Who holds Super Administrator, and since when?');
    expect(
      rows.map((row) => [row['principal'], row['how'], dayOf(row['gained_after']), dayOf(row['gained_by'])]),
    ).toEqual([
      ['ops-bot', 'invitation_accepted', '2026-02-11', '2026-03-20'],
      ['third', null, null, null],
    ]);
  });

  it('find the invitations that are pending, oldest first, and for how long', async () => {
    await takeNight(database.db, [named(initech, 'Initech', { status: 'invited' })], {
      ...at('2026-03-30'),
      principal: 'third',
    });
    const rows = await answer('Which invitations are pending, and for how long?');
    expect(rows.map(({ organization_name }) => organization_name).slice(2)).toEqual(['Initech']);
    expect(rows.map(({ first_seen }) => dayOf(first_seen))).toEqual([
      '2026-03-20',
      '2026-03-20',
      '2026-03-30',
    ]);
    expect(rows.find(({ organization_name }) => organization_name === 'Umbra')).toMatchObject({
      offered: [superAdministrator],
    });
    for (const { days } of rows) expect(Number(days)).toBeGreaterThan(100);
  });

  it('count an invitation from its first day, be it older than the history or offer something else since', async () => {
    const invited = (name: string, roles: string[]) => [named(initech, name, { status: 'invited', roles })];
    const third = (day: string) => ({ ...at(day), principal: 'third' });
    await takeNight(database.db, invited('Initech', ['Billing']), third('2026-03-30'));
    await takeNight(database.db, invited('Initech Ltd', [administrator]), third('2026-03-31'));
    const rows = await answer('Which invitations are pending, and for how long?');
    expect(rows.filter(({ principal }) => principal === 'third')).toMatchObject([
      { organization_name: 'Initech Ltd', offered: [administrator] },
    ]);
    expect(rows.map(({ first_seen }) => dayOf(first_seen))).toContain('2026-03-30');
  });

  it('tell how roles in one organization came and went, and nothing of permissions', async () => {
    await takeNight(database.db, [inAcme({ permissions: ['#zones:edit'] })], {
      ...at('2026-04-03'),
      principal: 'legacy',
    });
    const rows = await answer('How did our roles in one organization drift?');
    expect(rows).toMatchObject([
      { principal: 'ops-bot', kind: 'roles_changed', removed: ['Billing'], added: [administrator] },
      { principal: 'ops-bot', kind: 'roles_changed', removed: [], added: [superAdministrator] },
      { principal: 'ops-bot', kind: 'left', removed: [administrator, superAdministrator], added: [] },
    ]);
  });

  it('tell of roles that came by an invitation and went by a suspension, once each', async () => {
    const third = (day: string) => ({ ...at(day), principal: 'third' });
    const asGuest = { status: 'invited', roles: [superAdministrator] };
    const nights: Partial<Membership>[] = [
      asGuest,
      { roles: [superAdministrator], permissions: ['#zones:edit'] },
      { status: 'suspended', roles: [superAdministrator] },
      { roles: ['Billing'] },
      asGuest,
    ];
    await takeNight(database.db, [], third('2026-05-01'));
    for (const [index, given] of nights.entries())
      await takeNight(database.db, [inAcme(given)], third(`2026-05-0${index + 2}`));
    const rows = await answer('How did our roles in one organization drift?');
    expect(rows.filter(({ principal }) => principal === 'third')).toMatchObject([
      { kind: 'invitation_accepted', removed: [], added: [superAdministrator] },
      { kind: 'status_changed', removed: [superAdministrator], added: [] },
      { kind: 'status_changed', removed: [], added: ['Billing'] },
      { kind: 'invitation_replaced_membership', removed: ['Billing'], added: [] },
    ]);
  });

  it('tell which nights failed and why', async () => {
    const rows = await answer('Which nights failed, and where are the longest gaps?');
    expect(rows).toMatchObject([
      { principal: 'ops-bot', state: 'failed', error: 'ops-bot: no usable answer' },
    ]);
  });

  it('tell the longest times without a complete night', async () => {
    const rows = await answer('Which nights failed, and where are the longest gaps?', 1);
    expect(rows.map(({ principal, gap }) => [principal, gap])).toEqual([
      ['ops-bot', '37 days'],
      ['ops-bot', '13 days'],
      ['ops-bot', '1 day'],
    ]);
  });

  it('count the changes of each kind by month', async () => {
    const rows = await answer('How many changes of each kind in each month?');
    expect(rows).toEqual(
      expect.arrayContaining([
        { month: '2026-02', kind: 'invited', changes: 2 },
        { month: '2026-03', kind: 'renamed', changes: 1 },
        { month: '2026-04', kind: 'left', changes: 1 },
      ]),
    );
  });

  it('are asked here and in questions.db.test.ts, all of them', () => {
    // The page of rights has statements, which test/e2e/rights.test.ts runs.
    const asking = [...pages].filter(([name]) => name !== 'docs/database.md');
    expect(asking.flatMap(([, page]) => blocksOf(page, 'sql'))).toHaveLength(25);
  });

  it('stand beside a table that has every kind under its category', async () => {
    for (const [index, known] of [
      { twoFactorEnforced: true, apiAccess: true, policies: [], parentOrganization: 'none' },
      {
        twoFactorEnforced: false,
        apiAccess: false,
        policies: ['allow DNS on a'],
        parentOrganization: 'Group (g1)',
      },
    ].entries())
      await takeNight(database.db, [inAcme(known)], {
        ...at(`2026-05-0${index + 1}`),
        principal: 'third',
        source: 'memberships',
      });
    const documented = tableOf(sectionOf(history, '## What a change says')).map(([kind, category]) => [
      plain(kind),
      category,
    ]);
    const stored = await queryRows<{ kind: string; category: string }>(
      database.db,
      sql`select distinct kind, category from rollcall.change_log`,
    );
    expect(stored.map(({ kind, category }) => [kind, category]).sort()).toEqual(documented.sort());
  });
});

describe('the relations of the history', () => {
  const relations = tableOf(sectionOf(history, '## Relations')).map(([link = '']) =>
    link.replace(/^\[(.*)\].*$/, '$1'),
  );

  it('are all that there are', async () => {
    const found = await queryRows<{ name: string }>(
      database.db,
      sql`
        select table_name as name from information_schema.tables where table_schema = 'rollcall'
        union all
        select proname || '(' || pg_get_function_arguments(oid) || ')' from pg_proc
        where pronamespace = 'rollcall'::regnamespace and prorettype <> 'trigger'::regtype
          and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')`,
    );
    const names = found.map(({ name }) =>
      name.replace('(instant timestamp with time zone)', '(timestamptz)'),
    );
    const [, own = ''] = /^The tables (.+) are rollcall's own/m.exec(history) ?? [];
    expect([...relations, ...spansOf(own)].sort()).toEqual(names.sort());
  });

  for (const relation of relations) {
    it(`${relation} has the columns that are named, and no other`, async () => {
      const own = /^Rollcall's own: (?<columns>.+)\.$/m.exec(sectionOf(history, `### ${relation}`));
      const named = [...columnsOf(relation), ...spansOf(own?.groups?.['columns'] ?? '')];
      expect(named.sort()).toEqual((await readColumns(relation)).sort());
    });
  }
});

/** The columns that the page promises; `other.*` stands for those of another relation. */
function columnsOf(relation: string): string[] {
  return tableOf(sectionOf(history, `### ${relation}`))
    .map(([column]) => plain(column))
    .flatMap((column) => (column.endsWith('.*') ? columnsOf(column.slice(0, -2)) : [column]));
}

async function readColumns(relation: string): Promise<string[]> {
  const name = relation.replace(/\(.*/, '');
  const found = await queryRows<{ name: string }>(
    database.db,
    sql`
      select column_name as name from information_schema.columns
      where table_schema = 'rollcall' and table_name = ${name}
      union all
      select argument.name from pg_proc, unnest(proargnames, proargmodes) as argument (name, mode)
      where pronamespace = 'rollcall'::regnamespace and proname = ${name} and argument.mode = 't'`,
  );
  return found.map((column) => column.name);
}
