import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { blocksOf, readPage } from '../readme/markdown.ts';
import { programOnPaper } from '../readme/command-lines.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { scratchFolder } from '../support/command-line.ts';

const root = path.join(import.meta.dirname, '../..');
const example = path.join(root, 'docs/deploy/rollcall.env');

/** The example's lines, with what is there on this machine in place of files and servers that are not. */
function envFileHere(folder: string, simulator: { url: string; token: string }): string {
  const token = path.join(folder, 'token');
  writeFileSync(token, `${simulator.token}\n`);
  const lines = readFileSync(example, 'utf8')
    .replace(/^(?:DATABASE_URL|SMTP_URL)_FILE=.*\n/gm, '')
    .replace('/etc/rollcall.token', token)
    .replace('/var/lib/rollcall', path.join(folder, 'data'));
  const file = path.join(folder, 'rollcall.env');
  writeFileSync(file, `${lines}CLOUDFLARE_BASE_URL=${simulator.url}\n`);
  chmodSync(file, 0o600);
  return file;
}

describe('the example of an environment file', () => {
  const read = parseEnv(readFileSync(example, 'utf8'));

  it('says the same to a shell as to rollcall', () => {
    const said = execFileSync('sh', ['-c', `set -a; . ${example}; env`], { encoding: 'utf8', env: {} });
    expect(Object.keys(read).length).toBeGreaterThan(5);
    expect(parseEnv(said)).toMatchObject(read);
  });

  it('has nothing that systemd, Docker and a shell read in different ways', () => {
    const lines = readFileSync(example, 'utf8').trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^(?:#.*|[A-Z_]+=[\w./:@,-]+)$/);
  });

  it('is a valid configuration once its secrets are there', () => {
    const folder = scratchFolder();
    const secrets: Record<string, string> = {
      CLOUDFLARE_API_TOKEN_FILE: 'cfut_token',
      DATABASE_URL_FILE: 'postgres://rollcall:word@db.example.com/rollcall',
      SMTP_URL_FILE: 'smtp://mail.example.com',
    };
    const here = Object.entries(secrets).map(([name, secret]) => {
      writeFileSync(path.join(folder, name), secret);
      return [name, path.join(folder, name)];
    });
    const config = loadConfig({ ...read, ...(Object.fromEntries(here) as Record<string, string>) }, folder);
    expect(config.principals).toHaveLength(1);
    expect([config.databaseUrl, config.smtpUrl]).not.toContain(null);
  });
});

const crontab = readFileSync(path.join(root, 'docs/deploy/rollcall.crontab'), 'utf8');

/** What the crontab sets, but for where programs are, which is as on this machine. */
const crontabVariables = { ...parseEnv(crontab), PATH: process.env['PATH'] };

/** The command of the one line of the crontab, after the five fields and the user. */
const [, crontabCommand = ''] = /^0 2 \* \* \* rollcall (.+)$/m.exec(crontab) ?? [];

/** What the page tells to run as that user, as that user would. */
const checkCommand =
  blocksOf(readPage('docs/deploy/README.md'), 'sh')
    .flatMap((block) => block.split('\n'))
    .find((line) => line.includes('sudo -u rollcall '))
    ?.replace('sudo -u rollcall ', '') ?? '';

/** Whether this version reads a file that is named before the command. */
const readsEnvFile = (await programOnPaper()).program.options.some(({ long }) => long === '--env-file');

/** Runs a line as cron does: by sh, with next to nothing in the environment. */
async function runBySh(line: string, folder: string, envFile: string) {
  const here = line.replaceAll('/opt/rollcall', root).replaceAll('/etc/rollcall.env', envFile);
  const child = spawn('sh', ['-c', here], {
    cwd: folder,
    env: { ...crontabVariables, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, 'close'),
  ]);
  return { status: child.exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

describe('on a host', () => {
  it('the crontab and the page name the same folder and file', () => {
    expect(crontabCommand).toMatch(
      /^cd \/opt\/rollcall && npx --no -- rollcall --env-file \/etc\/rollcall\.env run > \/dev\/null$/,
    );
    expect(checkCommand).toBe('cd /opt/rollcall && npx --no -- rollcall --env-file /etc/rollcall.env check');
  });

  it.skipIf(!readsEnvFile)(
    'the line for that user and that of the crontab do as they say, run by sh (needs --env-file)',
    { timeout: 120_000 },
    async () => {
      const simulator = await startedSimulator({ organizations: 3 });
      const folder = scratchFolder();
      const token = simulator.world.principal().apiToken;
      const envFile = envFileHere(folder, { url: simulator.url, token });

      const check = await runBySh(checkCommand, folder, envFile);
      expect(check).toMatchObject({
        status: 0,
        stderr: '',
        stdout: expect.stringContaining('It would work tonight') as string,
      });

      const run = await runBySh(crontabCommand, folder, envFile);
      expect(run).toMatchObject({ status: 0, stdout: '' });
      expect(run.stderr).toMatch(/^[^\n]* the database is at this version\.\n$/);
    },
  );
});
