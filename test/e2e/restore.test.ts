import { describe, expect, it } from 'vitest';
import { type Database } from '../../src/database/database.ts';
import { readFigures } from '../../src/history/figures.ts';
import { lookInto } from '../support/database-environment.ts';
import { postgresPrograms, runPostgresProgram, startDebianPostgres } from '../support/debian-postgres.ts';
import { deploy } from '../support/deployment.ts';
import { createBareDatabase } from '../support/postgres-databases.ts';
import { scratchFolder } from '../support/command-line.ts';

/** What `/metrics` tells of the history, without the time at which it was asked. */
async function figuresOf(url: string) {
  const read = (db: Database) => readFigures(db, { principals: ['default'], timeoutMs: 10_000 });
  const { readAt: _, ...figures } = await lookInto({ DATABASE_URL: url }, read);
  return figures;
}

const missing = postgresPrograms === null ? " (skipped: Debian's PostgreSQL is not installed)" : '';

describe.skipIf(postgresPrograms === null)(`a backup brought back${missing}`, () => {
  it('matches, goes on with a quiet night, and sends what was owed once and nothing again', async () => {
    const server = await startDebianPostgres();
    const { rollcall: call, simulator, readMails } = await deploy();
    const original = { DATABASE_URL: await createBareDatabase(server) };
    await call(['run'], original);
    simulator.world.principal().put({ name: 'Told at once' });
    await call(['run'], original);
    simulator.world.principal().put({ name: 'Told later' });
    await call(['run'], { ...original, SMTP_URL: 'smtp://127.0.0.1:1' });
    const sent = (await readMails()).map(({ messageId }) => messageId);
    expect(sent).toHaveLength(2);
    const verified = await call(['verify'], original);
    expect(verified).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^default: 3 runs match/) as string,
    });
    const figures = await figuresOf(original.DATABASE_URL);
    expect(figures).toMatchObject({
      deliveries: { pending: 1, sent: 2 },
      principals: [{ runs: { complete: 3 } }],
    });

    const dump = `${scratchFolder()}/rollcall.dump`;
    runPostgresProgram('pg_dump', ['--format=custom', `--file=${dump}`, original.DATABASE_URL]);
    const plain = runPostgresProgram('pg_dump', [original.DATABASE_URL]);
    const copy = { DATABASE_URL: await createBareDatabase(server) };
    const plainCopy = { DATABASE_URL: await createBareDatabase(server) };
    runPostgresProgram('pg_restore', ['--exit-on-error', `--dbname=${copy.DATABASE_URL}`, dump]);
    runPostgresProgram('psql', ['--quiet', '--set=ON_ERROR_STOP=1', plainCopy.DATABASE_URL], plain);
    for (const restored of [copy, plainCopy]) {
      expect(await call(['verify'], restored)).toEqual(verified);
      expect(await figuresOf(restored.DATABASE_URL)).toEqual(figures);
    }

    expect(await call(['run'], copy)).toMatchObject({ status: 0 });
    expect((await call(['verify'], copy)).stdout).toMatch(/^default: 4 runs match, up to run 4,/);
    expect(JSON.parse((await call(['runs', '--limit', '1', '--json'], copy)).stdout)).toMatchObject([
      { run_id: 4, state: 'complete', changes: 0, baseline_run_id: 3 },
    ]);
    const mails = await readMails();
    expect(mails.slice(0, 2).map(({ messageId }) => messageId)).toEqual(sent);
    expect(mails.slice(2).map(({ text }) => text?.includes('Told later'))).toEqual([true]);
    expect(await figuresOf(copy.DATABASE_URL)).toMatchObject({
      deliveries: { sent: 3 },
      principals: [{ runs: { complete: 4 }, changes: figures.principals[0]?.changes }],
    });
  });
});
