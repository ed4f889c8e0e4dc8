import { readFileSync } from 'node:fs';
import { expect, inject, it, onTestFinished } from 'vitest';
import { rollcall, startRollcall, untilSaid } from '../support/command-line.ts';
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

it('a role for dashboards reads the history and nothing else', async () => {
  const { its } = await deployWith('reading', (dba) => rollcall(['run'], dba));
  for (const args of [['members'], ['changes'], ['runs'], ['sql', 'select * from rollcall.snapshots']]) {
    const { status, stdout } = await rollcall([...args, '--json'], its);
    expect({ args, status, json: JSON.parse(stdout) as unknown }).toMatchObject({ status: 0 });
  }
  const refused = await rollcall(['run'], { ...its, ...halfADayAway });
  expect(refused).toMatchObject({ status: 2, stdout: '' });
  expect(refused.stderr).toMatch(/permission denied/);
  const { status, stdout } = await rollcall(['check'], its);
  expect({ status, stdout }).toMatchObject({ status: 1 });
  expect(stdout).toMatch(/FAIL +database .*the user may only read/);
  const mails = await rollcall(['sql', 'select subject from rollcall.reports'], its);
  expect(mails).toMatchObject({ status: 2, stdout: '' });
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
