import { sql } from 'drizzle-orm';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { type Database, openPostgres, queryRows } from '../../src/database/database.ts';
import { describeError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import { databaseKind } from '../support/database.ts';
import { rollcall } from '../support/command-line.ts';
import { deploy } from '../support/deployment.ts';
import { lookInto } from '../support/database-environment.ts';
import { type Meddler, type Meddling, replacing, throughMeddler } from '../support/meddler.ts';
import { createDatabase, dropDatabase } from '../support/postgres-databases.ts';

/** A server to which COMMIT means another thing than to us. */
const aborting = replacing(Buffer.from('commit\0'), Buffer.from('abort \0'));

/** The answers to ROLLBACK and to COMMIT, as the server writes them. */
const answer = (tag: string) =>
  Buffer.from(`C\0\0\0${String.fromCharCode(tag.length + 5)}${tag}\0`, 'latin1');

const lying = replacing(answer('ROLLBACK'), answer('COMMIT'));

const aPrincipal = sql`insert into rollcall.principals (name, created_at) values ('ops-bot', now())`;

/** A database that somebody meddles with once `begin` is called. */
async function open(meddler: Meddler = {}) {
  const serverUrl = inject('postgresUrl');
  const url = await createDatabase(serverUrl);
  let isMeddling = false;
  const inTime =
    (meddle: Meddling = same): Meddling =>
    (bytes) =>
      isMeddling ? meddle(bytes) : bytes;
  const late = { toServer: inTime(meddler.toServer), toClient: inTime(meddler.toClient) };
  const opened = await openPostgres(new Secret(await throughMeddler(url, () => late)));
  onTestFinished(async () => {
    await opened.close();
    await dropDatabase(serverUrl, url);
  });
  return {
    db: opened.db,
    begin: () => (isMeddling = true),
    countPrincipals: () => lookInto({ DATABASE_URL: url }, countPrincipals),
  };
}

const same: Meddling = (bytes) => bytes;

async function countPrincipals(db: Database): Promise<number> {
  return (await queryRows(db, sql`select from rollcall.principals`)).length;
}

describe.runIf(databaseKind() === 'postgres')('a commit that was none is found out', () => {
  test('where nobody meddles, it is one', async () => {
    const { db, countPrincipals: count } = await open();
    await db.transaction((tx) => tx.execute(aPrincipal));
    await db.execute(sql`update rollcall.principals set name = 'other'`);
    expect(await count()).toBe(1);
  });

  test.each([
    ['is a rollback to the server', { toServer: aborting }, 'COMMIT was answered ROLLBACK'],
    ['is a rollback that is called a commit', { toServer: aborting, toClient: lying }, 'calls it aborted'],
  ])('where it %s', async (_how, meddling, why) => {
    const { db, begin, countPrincipals: count } = await open(meddling);
    begin();
    await expect(db.transaction((tx) => tx.execute(aPrincipal))).rejects.toThrow(why);
    expect(describeError(await failureOf(db.execute(aPrincipal)))).toContain(why);
    expect(await count()).toBe(0);
  });

  test('where the server connection is another one in the middle', async () => {
    const { db } = await open();
    const moving = db.transaction(async (tx) => {
      await tx.execute(aPrincipal);
      await tx.execute(sql`commit and chain`);
    });
    await expect(moving).rejects.toThrow('another connection answered');
  });

  test('where a statement failed and nobody looked', async () => {
    const { db, countPrincipals: count } = await open();
    const careless = db.transaction(async (tx) => {
      await tx.execute(aPrincipal);
      await tx.execute(sql`select 1 / 0`).catch(() => undefined);
    });
    await expect(careless).rejects.toMatchObject({ code: '25P02' });
    expect(await count()).toBe(0);
  });

  test('where a whole run was committed: it is recorded as failed, and that is said', async () => {
    const { variables, readHistory } = await deploy();
    const createMeddler = () => {
      let isStoring = false;
      const toServer: Meddling = (bytes) => {
        if (bytes.includes('insert into rollcall.memberships')) isStoring = true;
        if (!isStoring || !bytes.includes('commit\0')) return bytes;
        isStoring = false;
        return aborting(bytes);
      };
      return { toServer };
    };
    const url = await throughMeddler(variables['DATABASE_URL'] ?? '', createMeddler);
    const { status, stderr } = await rollcall(['run'], { ...variables, DATABASE_URL: url });
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('COMMIT was answered ROLLBACK') as string,
    });
    const { runs, members } = await readHistory();
    expect(members).toEqual([]);
    expect(runs).toMatchObject([{ state: 'failed' }]);
  });
});

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    return error;
  }
}
