import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { rollcall, scratchFolder, startRollcall, untilSaid } from '../support/command-line.ts';
import { deploy, halfADayAway } from '../support/deployment.ts';
import { createBareDatabase, dropDatabase, executeOn } from '../support/postgres-databases.ts';

/** The statements that docs/database.md gives for one way, and those that take its role back. */
function readRights(way: string, role: string): string {
  const docs = readFileSync('docs/database.md', 'utf8');
  const block = new RegExp(`<!-- rights: ${way} -->\\s*\`\`\`sql\\n(?<sql>[^\`]+)\`\`\``).exec(docs);
  const named = /create role (?<name>\w+)/.exec(block?.groups?.['sql'] ?? '')?.groups?.['name'] ?? '';
  // The tests share a server, and each file has a role of its own there.
  return (block?.groups?.['sql'] ?? '').replaceAll(
    new RegExp(`(role|to|authorization) ${named}\\b`, 'g'),
    `$1 ${role}`,
  );
}

/** A deployment whose database a DBA owns, and what the role of rollcall is called there. */
async function deployWith(way: string, prepare: (dba: Record<string, string>) => Promise<unknown>) {
  const { simulator, variables, mailServer } = await deploy();
  const serverUrl = inject('postgresUrl');
  const url = await createBareDatabase(serverUrl);
  const dba = { ...variables, DATABASE_URL: url };
  const role = `rights_${way}_${process.pid}`;
  onTestFinished(async () => {
    await dropDatabase(serverUrl, url);
    await executeOn(serverUrl, `drop role ${role}`);
  });
  await prepare(dba);
  await executeOn(url, readRights(way, role));
  await executeOn(url, `alter role ${role} password 'its own'`);
  const its = Object.assign(new URL(url), { username: role, password: 'its own' }).href;
  return { simulator, mailServer, dba, its: { ...variables, DATABASE_URL: its } };
}

const nothing = () => Promise.resolve();

it('a role without CREATE on the database fills the schemas that a DBA made for it', async () => {
  const { simulator, mailServer, its } = await deployWith('schemas', nothing);
  const before = await rollcall(['check'], its);
  expect(before.stdout).toMatch(/ok +migrations +\d+ migrations to be applied/);
  expect(before.stdout).toMatch(/ok +queue +not installed yet/);
  expect(await rollcall(['run'], its)).toMatchObject({ status: 0 });
  await changeAndRun(simulator, its);
  expect(mailServer.messages).toHaveLength(2);
  expect((await rollcall(['check'], its)).stdout).not.toMatch(/FAIL/);
});

it('a role that owns nothing works with what a DBA migrated, and is told who migrates', async () => {
  const { simulator, mailServer, dba, its } = await deployWith('rows', migrate);
  expect(await rollcall(['run'], its)).toMatchObject({ status: 0 });
  await changeAndRun(simulator, its);
  expect(mailServer.messages).toHaveLength(2);
  const { stdout } = await rollcall(['check'], its);
  expect(stdout).not.toMatch(/FAIL/);
  expect(stdout).toMatch(/ok +database .*the user may write, and migrations are for the owner/);
  const worker = startRollcall(['worker'], { ...its, ROLLCALL_SCHEDULE: '* * * * * *' });
  const said = await untilSaid(worker.stderr, 'run complete');
  expect(said).not.toMatch(/"level":[56]0|denied|owner/);
  worker.kill('SIGKILL');

  await executeOn(dba.DATABASE_URL, `delete from rollcall.migrations where tag like '0006%'`);
  const refused = await rollcall(['run'], its);
  expect(refused).toMatchObject({ status: 2, stdout: '' });
  expect(refused.stderr).toMatch(/0006_tallies.*this user may not.*rollcall migrate.*owns/);
  expect((await rollcall(['check'], its)).stdout).toMatch(/FAIL +migrations .*which this user may not do/);
});

/** What a role for dashboards may do and may not, by whatever way it came to be. */
async function expectReader(its: Record<string, string>): Promise<void> {
  const reading = [
    ['members'],
    ['changes'],
    ['runs'],
    ['principals'],
    ['verify'],
    ['sql', 'select * from rollcall.snapshots'],
    ['sql', 'select * from rollcall.memberships_as_of(now())'],
    [
      'sql',
      'select r.subject, r.csv, d.state from rollcall.reports as r join rollcall.deliveries as d on d.report_id = r.id',
    ],
  ];
  for (const args of reading) {
    const { status, stdout } = await rollcall([...args, '--json'], its);
    expect({ args, status, json: JSON.parse(stdout) as unknown }).toMatchObject({ status: 0 });
  }
  expect(await rollcall(['export'], its)).toMatchObject({ status: 0, stderr: '' });
  const run = await rollcall(['run'], { ...its, ...halfADayAway });
  for (const refused of [
    run,
    await rollcall(['sql', 'select recipient from rollcall.deliveries'], its),
    await rollcall(['sql', 'select * from pgboss.job'], its),
  ]) {
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toMatch(/permission denied/);
  }
  const { status, stdout } = await rollcall(['check'], its);
  expect({ status, stdout }).toMatchObject({ status: 1 });
  expect(stdout).toMatch(/FAIL +database .*the user may only read/);
}

it('a role for dashboards that a DBA makes by hand reads the history and nothing else', async () => {
  const { its } = await deployWith('reading', (dba) => rollcall(['run'], dba));
  await expectReader(its);
});

it('migrate --reader-role makes such a role, says how it gets a password, and does nothing the next time', async () => {
  const { variables } = await deploy();
  const serverUrl = inject('postgresUrl');
  const url = await createBareDatabase(serverUrl);
  const role = `dash board_${process.pid}`;
  onTestFinished(async () => {
    await dropDatabase(serverUrl, url);
    await executeOn(serverUrl, `drop role "${role}"`);
  });
  const dba = { ...variables, DATABASE_URL: url };
  const made = await rollcall(['migrate', '--reader-role', role], dba);
  expect(made).toMatchObject({ status: 0, stderr: '' });
  expect(made.stdout).toMatch(/applied 0000_tables.*\nThe role dash board_.* reads the history/);
  const [, meta = ''] = /`(.+)` in psql/.exec(made.stdout) ?? [];
  expect(meta).toBe(`\\password "${role}"`);

  await executeOn(url, `alter role "${role}" password 'its own'`);
  expect(await rollcall(['run'], dba)).toMatchObject({ status: 0 });
  const again = await rollcall(['migrate', '--reader-role', role], dba);
  expect(again).toMatchObject({ status: 0, stderr: '' });
  expect(again.stdout).toMatch(/nothing to do.*\nThe role dash board_.* reads the history[^`]*\n$/);
  const its = Object.assign(new URL(url), { username: encodeURIComponent(role), password: 'its own' }).href;
  await expectReader({ ...variables, DATABASE_URL: its });
});

it('migrate --reader-role does nothing at all for a name that no role can have, or without PostgreSQL', async () => {
  const { variables } = await deploy();
  const { DATABASE_URL: url = '', ...rest } = variables;
  await executeOn(url, 'drop schema rollcall cascade');
  const reserved = await rollcall(['migrate', '--reader-role', 'pg_dash'], variables);
  expect(reserved).toMatchObject({ status: 2, stdout: '' });
  expect(reserved.stderr).toMatch(/No role can be called pg_dash/);
  await executeOn(url, `do $$ begin assert to_regnamespace('rollcall') is null; end $$`);

  const folder = scratchFolder();
  const embedded = { ...rest, ROLLCALL_DATA_DIR: path.join(folder, 'data') };
  const refused = await rollcall(['migrate', '--reader-role', 'dashboards'], embedded);
  expect(refused).toMatchObject({ status: 2, stdout: '' });
  expect(refused.stderr).toMatch(/--reader-role needs a PostgreSQL.*nothing was done/);
  expect(existsSync(embedded.ROLLCALL_DATA_DIR)).toBe(false);
});

it.each(['LATIN1', 'SQL_ASCII', 'EUC_JP'])(
  'a database in %s is refused by check and by run',
  async (encoding) => {
    const { variables } = await deploy();
    const serverUrl = inject('postgresUrl');
    const options = `encoding '${encoding}' template template0 locale_provider libc locale 'C'`;
    const url = await createBareDatabase(serverUrl, options);
    onTestFinished(() => dropDatabase(serverUrl, url));
    const checked = await rollcall(['check'], { ...variables, DATABASE_URL: url });
    expect(checked.stdout).toMatch(new RegExp(`FAIL +database .*encoding is ${encoding}.*--encoding UTF8`));
    const run = await rollcall(['run'], { ...variables, DATABASE_URL: url });
    expect(run).toMatchObject({ status: 2, stdout: '' });
    expect(run.stderr).toMatch(new RegExp(`encoding of the database is ${encoding}.*nothing was done`));
  },
);

function migrate(dba: Record<string, string>): Promise<unknown> {
  return rollcall(['migrate'], dba);
}

async function changeAndRun(
  { world }: Awaited<ReturnType<typeof deploy>>['simulator'],
  its: Record<string, string>,
): Promise<void> {
  for (const { id } of world.principal().memberships.slice(0, 2)) world.principal().remove(id);
  expect(await rollcall(['run'], its)).toMatchObject({ status: 0 });
}
