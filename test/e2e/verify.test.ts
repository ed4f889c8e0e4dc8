import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { applyNight } from '../../src/simulator/night.ts';
import { databaseKind } from '../support/database.ts';
import { lookInto } from '../support/database-environment.ts';
import { deploy } from '../support/deployment.ts';

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
  },
);
