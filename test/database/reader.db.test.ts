import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect, inject, it, onTestFinished } from 'vitest';
import { type Database, openPostgres, queryRows } from '../../src/database/database.ts';
import { makeReader, quoted } from '../../src/database/reader.ts';
import { Secret } from '../../src/domain/secret.ts';
import { tellStory } from '../history/story.ts';
import { useDatabase } from '../support/database.ts';
import { createDatabase, dropDatabase, executeOn } from '../support/postgres-databases.ts';
import { migrate, readMigrations } from '../../src/database/migrate.ts';

const database = useDatabase();
const migrations = readMigrations();

/** A name that no other test of this server has, and whose role is gone after this one. */
function aRoleName(prefix = 'reader', suffix = ''): string {
  const name = `${prefix}_${randomUUID().slice(0, 8)}${suffix}`;
  onTestFinished(async () => {
    const [role] = await queryRows(database.db, sql`select from pg_roles where rolname = ${name}`);
    if (role === undefined) return;
    await database.db.execute(sql.raw(`drop owned by ${quoted(name)}`));
    await database.db.execute(sql.raw(`drop role ${quoted(name)}`));
  });
  return name;
}

async function execute(...statements: string[]): Promise<void> {
  for (const statement of statements) await database.db.execute(sql.raw(statement));
}

/** What a role gets for a query: rows, or the SQLSTATE of what it met. */
async function askAs(role: string, query: string): Promise<unknown[] | string> {
  try {
    return await database.db.transaction(async (tx) => {
      await tx.execute(sql.raw(`set local role ${quoted(role)}`));
      return queryRows(tx, sql.raw(query));
    });
  } catch (error) {
    const { code } = (error as { cause: { code: string } }).cause;
    return code;
  }
}

/** SQLSTATEs of what is refused. */
const denied = '42501';
const notThroughViews = '55000';

interface Relation extends Record<string, unknown> {
  name: string;
  isView: boolean;
}

function relationsOf(db: Database): Promise<Relation[]> {
  return queryRows<Relation>(
    db,
    sql`
      select relname as name, relkind = 'v' as "isView" from pg_class
      where relnamespace = 'rollcall'::regnamespace and relkind in ('r', 'v', 'm', 'p') order by 1`,
  );
}

/** Tables that are rollcall's own affair, or that name recipients. */
const keptFromReaders = [
  'change_tallies',
  'deliveries',
  'delivery_tallies',
  'departures',
  'held_memberships',
  'run_tallies',
  'workers',
];

it('a reader reads every view, every function and every table of the history, and no other table', async () => {
  await tellStory(database.db);
  const role = aRoleName();
  expect(await makeReader(database.db, role)).toBe('made');

  const relations = await relationsOf(database.db);
  expect(relations.filter(({ isView }) => isView).length).toBeGreaterThanOrEqual(3);
  const refused: string[] = [];
  for (const { name } of relations)
    if ((await askAs(role, `select * from rollcall.${name} limit 1`)) === denied) refused.push(name);
  expect(refused).toEqual(keptFromReaders);

  const functions = await queryRows<{ name: string }>(
    database.db,
    sql`
      select proname as name from pg_proc
      where pronamespace = 'rollcall'::regnamespace and prorettype <> 'trigger'::regtype`,
  );
  expect(functions).toEqual([{ name: 'memberships_as_of' }]);
  expect(await askAs(role, `select from rollcall.memberships_as_of('2026-08-03 12:00Z')`)).toHaveLength(3);
  expect(await askAs(role, 'select from rollcall.change_log')).not.toEqual([]);
});

it('a reader sees how deliveries stand, and neither recipients nor what was said of them nor the queue', async () => {
  const role = aRoleName();
  await makeReader(database.db, role);
  expect(
    await askAs(role, 'select id, report_id, state, attempts, message_id, sent_at from rollcall.deliveries'),
  ).toEqual([]);
  for (const query of [
    'select recipient from rollcall.deliveries',
    'select last_error from rollcall.deliveries',
    'select 1 from rollcall.deliveries where recipient is null',
    'select * from rollcall.deliveries',
    'select to_jsonb(d) from rollcall.deliveries as d',
    'select * from pgboss.job',
    'select * from pgboss.version',
  ])
    expect(await askAs(role, query), query).toBe(denied);
});

it('a reader writes nothing', async () => {
  const role = aRoleName();
  await makeReader(database.db, role);
  for (const { name, isView } of await relationsOf(database.db)) {
    const statements = [
      `insert into rollcall.${name} default values`,
      `delete from rollcall.${name}`,
      ...(isView
        ? []
        : [`truncate rollcall.${name} cascade`, `alter table rollcall.${name} add column more int`]),
    ];
    for (const statement of statements)
      expect(isView ? [denied, notThroughViews] : [denied], statement).toContain(
        await askAs(role, statement),
      );
  }
  for (const statement of [
    `update rollcall.runs set error = ''`,
    'select * from rollcall.runs for update',
    'create table rollcall.more ()',
    'create schema more',
    `select nextval('rollcall.runs_id_seq')`,
    'create role another',
  ])
    expect(await askAs(role, statement), statement).toBe(denied);
});

/** All rights on everything of ours, and what the role itself is. */
async function rightsAndRole(role: string): Promise<unknown> {
  const rights = await queryRows(
    database.db,
    sql`
      select nspname as name, nspacl::text as rights from pg_namespace where nspname in ('rollcall', 'pgboss')
      union all
      select oid::regclass::text, relacl::text from pg_class
      where relnamespace in ('rollcall'::regnamespace, 'pgboss'::regnamespace)
      union all
      select attrelid::regclass || '.' || attname, attacl::text from pg_attribute where attacl is not null
      union all
      select oid::regprocedure::text, proacl::text from pg_proc where pronamespace = 'rollcall'::regnamespace
      order by 1`,
  );
  return [rights, await queryRows(database.db, sql`select * from pg_authid where rolname = ${role}`)];
}

it('a second time nothing changes, the password included', async () => {
  const role = aRoleName();
  await makeReader(database.db, role);
  await execute(`alter role ${role} password 'its own'`);
  const before = await rightsAndRole(role);
  expect(await makeReader(database.db, role)).toBe('updated');
  expect(await rightsAndRole(role)).toEqual(before);
});

it('a role that is there already is left with just these rights, whatever it could read before', async () => {
  const [role, fresh] = [aRoleName(), aRoleName()];
  await execute(
    `create role ${role} nologin`,
    `grant usage on schema rollcall, pgboss to ${role}`,
    `grant select on all tables in schema rollcall, pgboss to ${role}`,
  );
  expect(await askAs(role, 'select recipient from rollcall.deliveries')).toEqual([]);
  expect(await makeReader(database.db, role)).toBe('updated');
  await makeReader(database.db, fresh);
  for (const query of ['select recipient from rollcall.deliveries', 'select * from pgboss.job'])
    expect(await askAs(role, query), query).toBe(denied);
  const asTold = (told: unknown, name: string) => JSON.stringify(told).replaceAll(name, 'it');
  const [rights] = (await rightsAndRole(role)) as unknown[][];
  for (const { rights: acl } of rights as { rights: string | null }[]) {
    const [its, anothers] = [role, fresh].map((name) => new RegExp(`${name}=([^/]*)`).exec(acl ?? '')?.[1]);
    expect(its, asTold(acl, role)).toBe(anothers);
  }
  expect(
    await queryRows(database.db, sql`select rolcanlogin as it from pg_roles where rolname = ${role}`),
  ).toEqual([{ it: false }]);
});

it('what a later migration adds is not read, also where a column is added to what is read in part', async () => {
  const role = aRoleName();
  await makeReader(database.db, role);
  onTestFinished(() =>
    execute(
      'drop table rollcall.later',
      'drop view rollcall.later_view',
      'alter table rollcall.deliveries drop column reply_to',
    ),
  );
  await execute(
    'create table rollcall.later (secret text)',
    'create view rollcall.later_view as select 1 as one',
    'alter table rollcall.deliveries add column reply_to text',
  );
  for (const again of [false, true]) {
    if (again) await makeReader(database.db, role);
    for (const query of [
      'select * from rollcall.later',
      'select * from rollcall.later_view',
      'select reply_to from rollcall.deliveries',
    ])
      expect(await askAs(role, query), query).toBe(denied);
  }
});

it('a function that a migration makes anew is called by whom it was, and by nobody else', async () => {
  const [reader, granter, stranger] = [aRoleName(), aRoleName('granter'), aRoleName('stranger')];
  const asOf = 'rollcall.memberships_as_of(timestamptz)';
  await execute(
    'drop schema rollcall cascade',
    ...[reader, granter, stranger].map((name) => `create role ${quoted(name)}`),
  );
  const last = migrations.findIndex(({ tag }) => tag === '0011_as_of');
  await migrate(database.db, migrations.slice(0, last + 1));
  await execute(
    `revoke execute on function ${asOf} from public`,
    `grant execute on function ${asOf} to ${quoted(reader)}`,
    `grant execute on function ${asOf} to ${quoted(granter)} with grant option`,
  );
  await migrate(database.db);

  const may = async (role: string, what: string) => {
    const query = sql`select has_function_privilege(${role}::name, ${asOf}, ${what}) as may`;
    return (await queryRows<{ may: boolean }>(database.db, query))[0]?.may;
  };
  expect(await may(reader, 'execute')).toBe(true);
  expect(await may(reader, 'execute with grant option')).toBe(false);
  expect(await may(granter, 'execute with grant option')).toBe(true);
  expect(await may(stranger, 'execute')).toBe(false);
});

it('a view that a migration made anew is read once the role is made again', async () => {
  const role = aRoleName();
  await makeReader(database.db, role);
  const [view] = await queryRows<{ definition: string }>(
    database.db,
    sql`select pg_get_viewdef('rollcall.snapshots'::regclass) as definition`,
  );
  await execute(
    'drop view rollcall.snapshots',
    `create view rollcall.snapshots as ${view?.definition ?? ''}`,
  );
  expect(await askAs(role, 'select * from rollcall.snapshots')).toBe(denied);
  await makeReader(database.db, role);
  expect(await askAs(role, 'select * from rollcall.snapshots')).toEqual([]);
});

it.each([
  ['"; drop schema rollcall cascade; --', ''],
  ["it's", ' $1 ${x} %I %s \\'],
  ['select', ''],
  ['Dash Board', 'É-ü-日本'],
  ['\u202Eright to left', '\n'],
  ['-rf', '""'],
])('a role may be called %j', async (prefix, suffix) => {
  const role = aRoleName(prefix, suffix);
  expect(await makeReader(database.db, role)).toBe('made');
  expect(await makeReader(database.db, role)).toBe('updated');
  expect(await askAs(role, 'select * from rollcall.change_log')).toEqual([]);
  expect(await askAs(role, 'select recipient from rollcall.deliveries')).toBe(denied);
});

it.each(['', 'public', 'none', 'pg_read_all_data', 'pg_nobody', 'x'.repeat(64), 'é'.repeat(32)])(
  'no role can be called %j',
  async (name) => {
    await expect(makeReader(database.db, name)).rejects.toMatchObject({ code: 'usage' });
    expect(
      await queryRows(database.db, sql`select from pg_roles where rolname = ${name.slice(0, 63)}`),
    ).toHaveLength(name === 'pg_read_all_data' ? 1 : 0);
  },
);

it.each([
  ['is a superuser', (role: string) => [`alter role ${role} superuser`], /may do more.*owner of the schema/],
  [
    'writes rows',
    (role: string) => [`grant select, insert on rollcall.runs to ${role}`],
    /write to rollcall\.runs/,
  ],
  [
    'writes one column',
    (role: string) => [`grant update (error) on rollcall.runs to ${role}`],
    /write to rollcall\.runs/,
  ],
  [
    'writes to the queue',
    (role: string) => [`grant delete on pgboss.job to ${role}`],
    /write to pgboss\.job/,
  ],
  [
    'takes run ids',
    (role: string) => [`grant usage on rollcall.runs_id_seq to ${role}`],
    /rollcall\.runs_id_seq/,
  ],
  [
    'makes tables',
    (role: string) => [`grant create on schema rollcall to ${role}`],
    /create in the schema rollcall/,
  ],
  ['is in a role that writes', (role: string) => [`grant pg_write_all_data to ${role}`], /write to .* more/],
  [
    'is in a role that reads all',
    (role: string) => [`grant pg_read_all_data to ${role}`],
    /reads more.*pgboss\./,
  ],
])('a role that %s is refused and stays as it was', async (_, granted, told) => {
  const role = aRoleName();
  await execute(`create role ${role}`, ...granted(role));
  const before = await rightsAndRole(role);
  await expect(makeReader(database.db, role)).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringMatching(told) as unknown,
  });
  expect(await rightsAndRole(role)).toEqual(before);
});

it('a role that may become the owner is refused, also where it inherits nothing from it', async () => {
  const role = aRoleName();
  const [owner] = await queryRows<{ name: string }>(database.db, sql`select current_user as name`);
  await execute(`create role ${role} noinherit`, `grant ${quoted(owner?.name ?? '')} to ${role}`);
  await expect(makeReader(database.db, role)).rejects.toMatchObject({
    message: expect.stringContaining('owner of the schema rollcall') as unknown,
  });
});

/** The same database as a user who is no superuser and owns what is in it. */
async function asItsOwner(): Promise<{ db: Database; owner: string; url: string }> {
  const serverUrl = inject('postgresUrl');
  const url = await createDatabase(serverUrl);
  const owner = `owner_${randomUUID().slice(0, 8)}`;
  await executeOn(
    url,
    `create role ${owner} login password 'its own';
     do $$ declare one record; begin
       for one in select oid::regclass as name, relkind from pg_class
         where relnamespace in ('rollcall'::regnamespace, 'pgboss'::regnamespace) and relkind in ('r', 'v', 'p')
       loop execute format('alter %s %s owner to ${owner}', case one.relkind when 'v' then 'view' else 'table' end, one.name);
       end loop;
     end $$;
     alter function rollcall.memberships_as_of(timestamptz) owner to ${owner};
     alter schema rollcall owner to ${owner};
     alter schema pgboss owner to ${owner};`,
  );
  const its = Object.assign(new URL(url), { username: owner, password: 'its own' }).href;
  const opened = await openPostgres(new Secret(its));
  onTestFinished(async () => {
    await opened.close();
    await dropDatabase(serverUrl, url);
    await executeOn(serverUrl, `drop role ${owner}`);
  });
  return { db: opened.db, owner, url };
}

it('a user who may make no roles is told what to let somebody do, and does the rest afterwards', async () => {
  const role = aRoleName('dash board');
  const { db, url } = await asItsOwner();
  onTestFinished(() => executeOn(url, `drop owned by ${quoted(role)}`).catch(() => undefined));
  const refusal = makeReader(db, role);
  await expect(refusal).rejects.toMatchObject({ code: 'configuration' });
  const { message } = (await refusal.catch((error: unknown) => error)) as Error;
  expect(message).toMatch(/may not make a role.*permission denied/);
  expect(message).toContain(`rollcall migrate --reader-role '${role}'`);

  const [, statement = ''] = /`(create role [^`]+;)`/.exec(message) ?? [];
  await executeOn(url, statement);
  expect(await makeReader(db, role)).toBe('updated');
  await executeOn(url, `begin; set role ${quoted(role)}; select * from rollcall.change_log; rollback`);
});

it('a user who may not grant is told who may, and a database that lets nobody in lets the reader in', async () => {
  const [role, worker] = [aRoleName(), aRoleName('worker')];
  const { db, owner, url } = await asItsOwner();
  await executeOn(
    url,
    `create role ${role}; create role ${worker} login password 'its own';
     grant usage on schema rollcall, pgboss to ${worker};
     grant select, insert, update, delete on all tables in schema rollcall, pgboss to ${worker}`,
  );
  onTestFinished(() => executeOn(url, `drop owned by ${role}, ${worker}`));
  const its = Object.assign(new URL(url), { username: worker, password: 'its own' }).href;
  const opened = await openPostgres(new Secret(its));
  onTestFinished(() => opened.close());
  const refusals = [
    /cannot grant all.*permission denied.*who owns/,
    /cannot grant all.*: rollcall\.\w+, .* more\. .*who owns/,
  ];
  // PostgreSQL refuses to pass on what one has none of, and of what one has it only warns.
  for (const told of refusals) {
    await expect(makeReader(opened.db, role)).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(told) as unknown,
    });
    await executeOn(
      url,
      `grant usage, select, update on all sequences in schema rollcall, pgboss to ${worker}`,
    );
  }

  const name = new URL(url).pathname.slice(1);
  await executeOn(
    url,
    `revoke connect on database ${name} from public; alter database ${name} owner to ${owner}`,
  );
  expect(await makeReader(db, role)).toBe('updated');
  await executeOn(
    url,
    `do $$ begin assert has_database_privilege('${role}', current_database(), 'connect'); end $$`,
  );
});
