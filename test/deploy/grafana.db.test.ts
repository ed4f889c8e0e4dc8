import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Database, queryRows } from '../../src/database/database.ts';
import { makeReader } from '../../src/database/reader.ts';
import { retirePrincipal } from '../../src/pipeline/principals.ts';
import {
  at,
  dayOf,
  hooli,
  inAcme,
  inGlobex,
  keepHistory,
  named,
  superAdministrator,
} from '../readme/early-2026.ts';
import { projectFolder, readPage, relativeLinksOf } from '../readme/markdown.ts';
import { databaseKind, useDatabase } from '../support/database.ts';
import { holdNight, takeNight } from '../support/nights.ts';
import { writeOut } from './grafana-macros.ts';

interface DataSource {
  type: string;
  uid: string;
}

interface Panel {
  id: number;
  type: string;
  title: string;
  description: string;
  datasource: DataSource;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { refId: string; datasource: DataSource; format: string; rawQuery: boolean; rawSql: string }[];
}

interface Variable {
  name: string;
  type: string;
  query: string;
  datasource?: DataSource;
}

const file = 'docs/deploy/grafana/rollcall.json';
const dashboard = JSON.parse(readFileSync(path.join(projectFolder, file), 'utf8')) as {
  uid: string;
  title: string;
  panels: Panel[];
  templating: { list: Variable[] };
};
const { panels } = dashboard;
const variables = dashboard.templating.list;

describe('the dashboard for Grafana', () => {
  it('asks whichever PostgreSQL is chosen in its variable, everywhere', () => {
    const [source, ...others] = variables;
    expect(source).toMatchObject({
      name: 'datasource',
      type: 'datasource',
      query: 'grafana-postgresql-datasource',
    });
    expect(others.map(({ name }) => name)).toEqual(['principal']);
    const chosen = { type: source?.query, uid: '${datasource}' };
    const asking = [...others, ...panels, ...panels.flatMap(({ targets }) => targets)];
    expect(asking.map((one) => one.datasource)).toEqual(asking.map(() => chosen));
    expect(JSON.stringify(dashboard)).not.toContain('__inputs');
  });

  it('has panels with ids and titles of their own that lie side by side within its width', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    const taken = new Map<string, string>();
    for (const { title, description, gridPos } of panels) {
      expect(description, title).toMatch(/\.$/);
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.get(`${x} ${y}`), title).toBeUndefined();
          taken.set(`${x} ${y}`, title);
        }
    }
  });

  it('gives each kind of panel the form of answer that it draws', () => {
    const forms: Record<string, string> = { stat: 'table', table: 'table', timeseries: 'time_series' };
    for (const { type, title, targets } of panels)
      expect(targets, title).toMatchObject([{ refId: 'A', rawQuery: true, format: forms[type] }]);
  });

  it('is named on the page for whoever deploys', () => {
    expect(relativeLinksOf(readPage('docs/deploy/README.md'))).toContain('grafana/rollcall.json');
  });
});

const database = useDatabase();

const asking = {
  from: new Date('2026-02-01T00:00:00Z'),
  to: new Date('2026-05-01T00:00:00Z'),
  interval: '1d',
  chosen: { principal: ['ops-bot', 'legacy', "o'third"] },
};

function queryOf(title: string): string {
  const query = panels.find((panel) => panel.title === title)?.targets[0]?.rawSql;
  if (query === undefined) throw new Error(`The dashboard has no panel called ${title}.`);
  return query;
}

function ask(title: string, given: Partial<typeof asking> = {}, db: Database = database.db) {
  return queryRows(db, sql.raw(writeOut(queryOf(title), { ...asking, ...given })));
}

/** The day of a time series' point: a time, or seconds since 1970. */
const dayOfPoint = (time: unknown) =>
  /^[\d.]+$/.test(String(time)) ? dayOf(new Date(Number(time) * 1_000)) : dayOf(time);

/** The points of a time series, as day, series and value. */
async function pointsOf(title: string, given: Partial<typeof asking> = {}) {
  const rows = await ask(title, given);
  return rows.map(({ time, metric, value }) => [dayOfPoint(time), metric, Number(value)]);
}

describe('the queries of the dashboard, on seeded nights', () => {
  beforeEach(() => keepHistory(database.db));

  /** What a time series and a table can show. */
  const typesOf = {
    time: ['timestamp with time zone', 'numeric'],
    metric: ['text'],
    value: ['bigint', 'integer', 'double precision'],
    other: ['timestamp with time zone', 'text', 'bigint', 'integer', 'double precision', 'boolean'],
  };

  it('all answer with rows, of types that panels draw, also to the role for dashboards', async () => {
    await holdNight(database.db, [], at('2026-04-03'));
    const role = `dashboards_${process.pid}`;
    if (databaseKind() === 'postgres') await makeReader(database.db, role);
    try {
      for (const { title, targets } of panels)
        await database.db.transaction(async (tx) => {
          if (databaseKind() === 'postgres') await tx.execute(sql.raw(`set local role ${role}`));
          const [row] = await ask(title, {}, tx);
          const columns = Object.keys(row ?? {});
          expect(columns.length, title).toBeGreaterThan(0);
          if (targets[0]?.format === 'time_series')
            expect(columns, title).toEqual(['time', 'metric', 'value']);
          const query = writeOut(queryOf(title), asking);
          const asked = columns.map((name) => `pg_typeof("${name}")::text as "${name}"`).join(', ');
          const [types] = await queryRows(tx, sql.raw(`select ${asked} from (${query}) as answer limit 1`));
          for (const [name, type] of Object.entries(types ?? {}))
            expect(
              Object.hasOwn(typesOf, name) ? typesOf[name as keyof typeof typesOf] : typesOf.other,
              title,
            ).toContain(type);
        });
    } finally {
      if (databaseKind() === 'postgres') {
        await database.db.execute(sql.raw(`drop owned by ${role}`));
        await database.db.execute(sql.raw(`drop role ${role}`));
      }
    }
  });

  it('offer every principal, and tell of those alone that are chosen, whatever is in their names', async () => {
    await takeNight(database.db, [inAcme({ roles: [superAdministrator] })], {
      ...at('2026-04-03'),
      principal: "o'third",
    });
    const [, principal] = variables;
    const offered = await queryRows(database.db, sql.raw(principal?.query ?? ''));
    expect(offered.map(({ name }) => name)).toEqual(['legacy', "o'third", 'ops-bot']);

    const alone = { chosen: { principal: ["o'third"] } };
    expect(await ask('Organizations', alone)).toMatchObject([
      { organizations: expect.anything() as unknown },
    ]);
    expect(Number((await ask('Super Administrator in', alone))[0]?.['organizations'])).toBe(1);
    expect(await pointsOf('The roll over time', alone)).toEqual([['2026-04-03', "o'third", 1]]);
    const nobody = { chosen: { principal: ['nobody'] } };
    for (const { title, type } of panels) {
      const rows = await ask(title, nobody);
      if (type === 'stat') expect(Number(Object.values(rows[0] ?? {})[0]), title).toBe(0);
      else expect(rows, title).toEqual([]);
    }
  });

  it('count what is so now', async () => {
    const told = async (title: string) => Number(Object.values((await ask(title))[0] ?? {})[0]);
    await holdNight(database.db, [], at('2026-04-03'));
    expect(await told('Organizations')).toBe(2);
    expect(await told('Super Administrator in')).toBe(1);
    expect(await told('Invitations pending')).toBe(2);
    expect(await told('Nights that failed')).toBe(1);
    expect(await told('Runs held')).toBe(1);
    const hoursSince = (day: string) => (Date.now() - at(day).at.getTime()) / 3_600_000;
    expect(await told('Since the last complete night')).toBeCloseTo(hoursSince('2026-03-15'), 0);
    await retirePrincipal({ db: database.db, now: () => at('2026-04-04').at }, 'legacy');
    expect(await told('Since the last complete night')).toBeCloseTo(hoursSince('2026-04-02'), 0);
  });

  it('draw the roll, the changes and the nights where they happened', async () => {
    expect(await pointsOf('The roll over time')).toEqual([
      ['2026-02-10', 'ops-bot', 2],
      ['2026-02-11', 'ops-bot', 5],
      ['2026-03-15', 'legacy', 1],
      ['2026-03-20', 'ops-bot', 5],
      ['2026-04-02', 'ops-bot', 4],
    ]);
    const changes = await pointsOf('Changes by kind');
    expect(changes.filter(([day]) => day === '2026-04-02')).toEqual([
      ['2026-04-02', 'invitation_changed', 1],
      ['2026-04-02', 'left', 1],
      ['2026-04-02', 'status_changed', 1],
    ]);
    expect(changes).toContainEqual(['2026-02-11', 'invited', 2]);
    const byWeek = await pointsOf('Changes by kind', { interval: '7d' });
    expect(byWeek.map(([day]) => day)).toEqual(
      byWeek.map(() => expect.stringMatching(/02-05|03-19|04-02/) as unknown),
    );
    const nights = await pointsOf('Nights by how they ended');
    expect(nights.slice(-3)).toEqual([
      ['2026-03-20', 'complete', 1],
      ['2026-03-21', 'failed', 1],
      ['2026-04-02', 'complete', 1],
    ]);
  });

  it('draw Super Administrators from when they were seen to when they were gone', async () => {
    const points = await pointsOf('Super Administrators over time');
    const ofOpsBot = (day: string) => points.find(([when, who]) => when === day && who === 'ops-bot')?.[2];
    expect(['2026-03-20', '2026-03-21', '2026-04-02', '2026-04-03'].map(ofOpsBot)).toEqual([0, 2, 2, 1]);
    expect(points.filter(([, who]) => who === 'legacy').map(([, , value]) => value)).not.toContain(1);
    const tomorrow = await pointsOf('Super Administrators over time', {
      from: new Date(Date.now() - 86_400_000),
      to: new Date(Date.now() + 7 * 86_400_000),
    });
    expect(tomorrow).toHaveLength(2 * 2);
  });

  it('count Super Administrator by a policy, and not one that is denied or offered', async () => {
    const allowed = 'allow DNS, Super Administrator - All Privileges on a';
    const roll = [
      inAcme({ policies: [allowed] }),
      inGlobex({ policies: [allowed.replace('allow', 'deny')] }),
      named(hooli, 'Hooli', { status: 'invited', policies: [allowed] }),
    ];
    await takeNight(database.db, roll, { ...at('2026-04-03'), principal: "o'third", source: 'memberships' });
    const ofThird = (rows: Record<string, unknown>[]) =>
      rows.filter((row) => [row['principal'], row['metric']].includes("o'third"));

    expect(ofThird(await ask('Who holds Super Administrator'))).toMatchObject([
      { organization_name: 'Acme' },
    ]);
    const [counted] = await ask('Super Administrator in');
    expect(Number(counted?.['organizations'])).toBe(2);
    const points = ofThird(await ask('Super Administrators over time'));
    expect(Number(points.at(-1)?.['value'])).toBe(1);
  });

  it('list gaps, nights, holders and steps, each within the time that is shown', async () => {
    const gaps = await ask('Gaps');
    expect(
      gaps.map((row) => [row['principal'], dayOf(row['not_observed_from']), dayOf(row['until'])]),
    ).toEqual([
      ['ops-bot', '2026-04-02', null],
      ['ops-bot', '2026-03-20', '2026-04-02'],
      ['legacy', '2026-03-15', null],
      ['ops-bot', '2026-02-11', '2026-03-20'],
    ]);
    expect(gaps[1]).toMatchObject({ hours: 13 * 24 });
    expect(await ask('Nights that did not complete')).toMatchObject([
      { principal: 'ops-bot', state: 'failed' },
    ]);
    expect(await ask('Who holds Super Administrator')).toMatchObject([
      { principal: 'ops-bot', organization_name: 'Globex' },
    ]);
    expect(
      (await ask('What happened to Super Administrator')).map((row) => [
        row['organization_name'],
        row['super_administrator'],
      ]),
    ).toEqual([
      ['Acme', 'lost'],
      ['Umbra', 'offered'],
      ['Globex', 'gained'],
      ['Acme', 'gained'],
    ]);
    expect(await ask('Changes')).toHaveLength(15);

    const january = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-02-01T00:00:00Z') };
    const ofAnyTime = ['Who holds Super Administrator', 'Super Administrators over time'];
    for (const { title, type } of panels)
      if (type !== 'stat' && !ofAnyTime.includes(title)) expect(await ask(title, january), title).toEqual([]);
    expect(Number((await ask('Nights that failed', january))[0]?.['runs'])).toBe(0);
    const june = { from: new Date('2026-06-01T00:00:00Z'), to: new Date('2026-07-01T00:00:00Z') };
    expect((await ask('Gaps', june)).map(({ until }) => until)).toEqual([null, null]);
  });
});
