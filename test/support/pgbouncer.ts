import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { untilSaid } from './command-line.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';
import { findFreePort } from './postgres-instance.ts';
import { hasProgram } from './programs.ts';

/** Debian installs it beside what root alone calls. */
const program = ['pgbouncer', '/usr/sbin/pgbouncer'].find(hasProgram);

/** Whether PgBouncer is installed; what needs it is skipped where it is not, and says so. */
export const hasPgBouncer = program !== undefined;

/** What a PgBouncer in front of a server does, and what it leaves out besides Debian's settings. */
export interface PgBouncerOptions {
  mode: 'transaction' | 'session' | 'statement';
  /** Connections to the server at most. Default: 4. */
  poolSize?: number;
}

/** The URL of a database as it is reached through a PgBouncer of its own, which ends with the test. */
export async function throughPgBouncer(
  url: string,
  { mode, poolSize = 4 }: PgBouncerOptions,
): Promise<string> {
  const { hostname, port, username, password } = new URL(url);
  const { folder, remove } = await makeTemporaryFolder('pgbouncer');
  const bouncerPort = await findFreePort();
  writeFileSync(path.join(folder, 'users.txt'), `"${username}" "${password}"\n`);
  const settings = [
    '[databases]',
    `* = host=${hostname} port=${port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${bouncerPort}`,
    'unix_socket_dir =',
    'auth_type = plain',
    `auth_file = ${path.join(folder, 'users.txt')}`,
    `pool_mode = ${mode}`,
    `default_pool_size = ${poolSize}`,
  ];
  writeFileSync(path.join(folder, 'pgbouncer.ini'), settings.join('\n'));
  // It refuses to run as root, and reads its settings as who it runs as.
  chmodSync(folder, 0o755);
  const asRoot = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const bouncer = spawn(program ?? '', [...asRoot, path.join(folder, 'pgbouncer.ini')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(async () => {
    if (bouncer.exitCode === null && bouncer.kill('SIGINT')) await once(bouncer, 'exit');
    remove();
  });
  await untilSaid(bouncer.stderr, 'process up');
  bouncer.stderr.resume();
  const through = new URL(url);
  through.port = String(bouncerPort);
  return through.href;
}
