import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { findFreePort } from './postgres-instance.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

const versions = '/usr/lib/postgresql';

/** Where PostgreSQL's own programs are, the newest that Debian has here; `null` where it has none. */
export const postgresPrograms: string | null = findPrograms();

function findPrograms(): string | null {
  if (!existsSync(versions)) return null;
  return (
    readdirSync(versions)
      .sort((left, right) => Number(right) - Number(left))
      .map((version) => path.join(versions, version, 'bin'))
      .find((folder) =>
        ['initdb', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql'].every((name) =>
          existsSync(path.join(folder, name)),
        ),
      ) ?? null
  );
}

/** Runs one of PostgreSQL's own programs, and returns what it printed. */
export function runPostgresProgram(name: string, args: readonly string[], input = ''): string {
  return execFileSync(path.join(postgresPrograms ?? '', name), args, {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    maxBuffer: 256 * 1024 * 1024,
  });
}

/** Starts Debian's PostgreSQL on loopback for one test, whose programs can dump it; returns the URL of its database `postgres`. */
export async function startDebianPostgres(): Promise<string> {
  const { folder, remove } = await makeTemporaryFolder('debian-postgres');
  const port = await findFreePort();
  const asServer = (name: string, args: readonly string[]) => {
    // PostgreSQL refuses to be started by root.
    const command = [path.join(postgresPrograms ?? '', name), ...args];
    const [program = '', ...rest] =
      process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    execFileSync(program, rest, { stdio: 'ignore', cwd: '/' });
  };
  if (process.getuid?.() === 0) {
    execFileSync('chown', ['postgres', folder]);
    chmodSync(folder, 0o700);
  }
  const data = path.join(folder, 'data');
  asServer('initdb', [
    '-D',
    data,
    '-U',
    'rollcall',
    '--auth=trust',
    '--encoding=UTF8',
    '--no-locale',
    '--no-sync',
  ]);
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`;
  asServer('pg_ctl', ['-D', data, '-w', '-l', path.join(folder, 'log'), '-o', settings, 'start']);
  onTestFinished(() => {
    asServer('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']);
    remove();
  });
  return `postgres://rollcall@127.0.0.1:${port}/postgres`;
}
