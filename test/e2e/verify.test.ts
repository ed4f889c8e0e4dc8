import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { applyNight } from '../../src/simulator/night.ts';
import { type RunningRollcall, startRollcall } from '../support/command-line.ts';
import { databaseKind } from '../support/database.ts';
import { lookInto } from '../support/database-environment.ts';
import { deploy } from '../support/deployment.ts';
import { aMembership, night, takeNight } from '../support/nights.ts';

/** What has nothing to do with the kind of database is asked of one of them. */
const onOne = it.runIf(databaseKind() === 'postgres');

onOne(
  'an auditor holds an old mail against the history, and is told the first run that does not match',
  async () => {
    const {
      rollcall: call,
      simulator,
      readMails,
      database,
    } = await deploy({
      // More than are read at once, of each table in its turn.
      world: { organizations: 700 },
    });
    await call(['run']);
    applyNight(simulator.world);
    await call(['run']);
    const [baseline, changes] = (await readMails()).map(
      ({ text = '' }) => /Chain head:? +([0-9a-f]{64})/.exec(text)?.[1] ?? '',
    );

    const sound = await call(['verify']);
    expect(sound).toMatchObject({ status: 0, stderr: '' });
    expect(sound.stdout).toMatch(
      new RegExp(`^default: 2 runs match, up to run 2, whose chain is ${changes}\n$`),
    );
    expect(await call(['verify', '--against', baseline ?? ''])).toMatchObject({
      status: 0,
      stdout: `default: 1 run matches, up to run 1, whose chain is ${baseline}\n`,
    });
    expect(await call(['verify', '--against', 'f'.repeat(64)])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^rollcall: No run has the chain f{64}\..*\n$/) as string,
    });
    expect(await call(['verify', '--against', 'fff'])).toMatchObject({ status: 2 });

    await lookInto(database, (db) =>
      db.execute(
        sql`update rollcall.changes set kind = 'left' where kind = 'joined' and category = 'membership'`,
      ),
    );
    const altered = await call(['verify', '--json']);
    expect(altered).toMatchObject({
      status: 1,
      stderr: 'rollcall: The history of default does not match what was recorded.\n',
    });
    expect(JSON.parse(altered.stdout)).toMatchObject({
      matches: false,
      principals: [
        { principal: 'default', runs: 1, head: { runId: 1 }, mismatch: { runId: 2, of: 'changes' } },
      ],
    });
    expect((await call(['verify'])).stdout).toMatch(
      /^default: run 2 does not match \(its changes\): .* Before it, 1 run matches\.\n$/,
    );
    expect(await call(['verify', '--against', baseline ?? ''])).toMatchObject({ status: 0 });
    expect(await call(['verify', '--against', `${baseline?.toUpperCase()} `])).toMatchObject({ status: 0 });

    await lookInto(database, (db) =>
      db.transaction(async (tx) => {
        await tx.execute(sql`set local session_replication_role = replica`);
        await tx.execute(sql`update rollcall.memberships set principal_id = 99`);
        await tx.execute(sql`insert into rollcall.principals (name) values ('other')`);
      }),
    );
    const strays = await call(['verify']);
    expect(strays.stdout).toContain('a principal does not match: memberships has rows of principal 99');
    expect(strays.stderr).toMatch(/^rollcall: The history of default, no principal does not match/);
    expect(strays.stdout).toContain('other: no run is complete yet; 0 runs match');
    expect(await call(['verify', '--principal', 'other'])).toMatchObject({
      status: 0,
      stdout: 'other: no run is complete yet; 0 runs match.\n',
    });
    const others = await call(['verify', '--principal', 'other', '--against', baseline ?? '']);
    expect(others).toMatchObject({ status: 2, stdout: '' });
    expect(others.stderr).toContain('is of default, not of other');
  },
);

onOne('who is told to stop stops, and says so in one line, however long the history', async () => {
  const { variables, database } = await deploy();
  await lookInto(database, async (db) => {
    await takeNight(db, [aMembership()]);
    await takeNight(db, [aMembership()], { at: night(2) });
    let verifying: RunningRollcall | undefined;
    await db.transaction(async (tx) => {
      await tx.execute(sql`lock table rollcall.memberships in access exclusive mode`);
      verifying = startRollcall(['verify'], variables);
      const isWaiting = sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await lookInto(database, async (looking) => {
        while ((await queryRows(looking, isWaiting)).length === 0);
      });
      verifying.kill('SIGINT');
    });
    if (verifying === undefined) throw new Error('expected it to have started');
    const [stdout, stderr] = await Promise.all([
      text(verifying.stdout),
      text(verifying.stderr),
      once(verifying, 'close'),
    ]);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^rollcall: rollcall was told to stop \(SIGINT\)\.\n$/);
    expect(verifying.exitCode).toBe(1);
  });
});

onOne('who has no history yet is told so', async () => {
  const { rollcall: call, database } = await deploy();
  await lookInto(database, () => Promise.resolve());
  await call(['migrate']);
  expect(await call(['verify'])).toMatchObject({
    status: 0,
    stdout: 'There is no history yet: nothing to verify.\n',
  });
});
