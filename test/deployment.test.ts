import { accessSync, constants, existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../src/config.ts';
import { type Variable, variables } from '../src/config/variables.ts';
import { folderWith, revealed } from './config/folder.ts';
import { ask, hasProgram } from './support/programs.ts';

const root = path.join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  bin: Record<string, string>;
};

interface Instruction {
  name: string;
  text: string;
}

/** The instructions of the last stage, and of all. */
function parseDockerfile(): { all: Instruction[]; last: Instruction[] } {
  const lines = read('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  const all = lines.flatMap((line) => {
    const [, name, text] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return name === undefined || text === undefined ? [] : [{ name, text }];
  });
  return { all, last: all.slice(all.findLastIndex(({ name }) => name === 'FROM')) };
}

const { all, last } = parseDockerfile();
const textsOf = (instructions: Instruction[], wanted: string) =>
  instructions.flatMap(({ name, text }) => (name === wanted ? [text] : []));
const copied = textsOf(all, 'COPY')
  .filter((text) => !text.startsWith('--from'))
  .flatMap((text) => text.split(' ').slice(0, -1));

interface Service {
  image: string;
  init?: boolean;
  restart?: string;
  stop_grace_period?: string;
  read_only?: boolean;
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}

interface Compose {
  services: Record<'worker' | 'database' | 'mail', Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, null>;
}

const compose = parse(read('docker-compose.yml')) as Compose;
const services = Object.entries(compose.services);
const { worker, database, mail } = compose.services;

/** What compose makes of `${NAME:-default}` and `${NAME:?message}`. */
function interpolate(text: string, given: Readonly<Record<string, string>>): string {
  let rest = text;
  for (const [whole, name = '', kind, otherwise = ''] of text.matchAll(/\$\{(\w+):([-?])([^}]*)\}/g)) {
    const value = given[name] ?? '';
    if (value === '' && kind === '?') throw new Error(`${name}: ${otherwise}`);
    rest = rest.replace(whole, () => (value === '' ? otherwise : value));
  }
  return rest;
}

const mustBeSet = { CLOUDFLARE_API_TOKEN_FILE: 'token', POSTGRES_PASSWORD: 'cafe', MAIL_TO: 'a@example.com' };

describe('the image', () => {
  it('stands on the Node.js that is pinned for development, in every stage', () => {
    const pinned = `node:${String(manifest.devDependencies['node'])}-bookworm-slim`;
    expect(textsOf(all, 'FROM').map((text) => text.replace(/ AS .*/, ''))).toEqual([pinned, pinned]);
  });

  it('copies only what is there, and what .dockerignore lets through', () => {
    const letThrough = read('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    expect([...new Set(copied)].sort()).toEqual(letThrough.sort());
    expect(copied.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });

  it('lets nothing through .dockerignore but what it names', () => {
    expect(
      read('.dockerignore')
        .split('\n')
        .filter((line) => line !== '' && !/^[#!]/.test(line)),
    ).toEqual(['*']);
  });

  it('has everything that the sources import', () => {
    const specifiers = globSync('{src,jobs}/**/*.ts', { cwd: root }).flatMap((file) =>
      [...read(file).matchAll(/(?:from|import)[ (]+'([^']+)'/g)].map(([, specifier = '']) => ({
        file,
        specifier,
      })),
    );
    const packages = specifiers.filter(({ specifier }) => !/^(?:\.|node:)/.test(specifier));
    const nameOf = (specifier: string) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? '';
    expect(packages.length).toBeGreaterThan(10);
    expect(packages.filter(({ specifier }) => !(nameOf(specifier) in manifest.dependencies))).toEqual([]);
    const outside = specifiers
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ file, specifier }) => path.join(path.dirname(file), specifier))
      .filter((file) => !copied.includes(file.split('/')[0] ?? ''));
    expect(outside).toEqual([]);
  });

  it('runs rollcall, which can be executed, and the worker by default', () => {
    const cli = String(manifest.bin['rollcall']);
    expect(textsOf(last, 'RUN').join()).toContain(`ln -s /app/${cli} /usr/local/bin/rollcall`);
    expect(read(cli).split('\n')[0]).toBe('#!/usr/bin/env -S node --');
    expect(() => accessSync(path.join(root, cli), constants.X_OK)).not.toThrow();
    expect(textsOf(last, 'ENTRYPOINT')).toEqual(['["rollcall"]']);
    expect(textsOf(last, 'CMD')).toEqual(['["worker"]']);
    expect(textsOf(last, 'STOPSIGNAL')).toEqual(['SIGTERM']);
  });

  it('asks its worker whether it lives, with a program that is in it', () => {
    const [command = ''] = textsOf(last, 'HEALTHCHECK').map((text) => text.replace(/^.* CMD /, ''));
    expect(JSON.parse(command)).toEqual(['node', '/app/bin/healthcheck.js']);
    expect(existsSync(path.join(root, 'bin/healthcheck.js'))).toBe(true);
  });

  it('has the bundle, made of these sources, with its packages, and no sources that could be another version', () => {
    expect(textsOf(all, 'RUN').join()).toContain('node bundle/build.ts && npm prune --omit=dev');
    const kept = textsOf(last, 'COPY').map((text) => text.split(' ').at(-1));
    expect(kept.sort()).toEqual(['./', './bin', './dist', './migrations', './node_modules']);
  });

  it('runs as a numbered user other than root, who owns the data folder', () => {
    expect(textsOf(last, 'USER')).toEqual(['1000:1000']);
    expect(textsOf(last, 'ENV').join()).toContain('ROLLCALL_DATA_DIR=/data');
    expect(textsOf(last, 'RUN').join()).toContain('install --directory --owner=node --group=node /data');
  });
});

describe('docker-compose.yml', () => {
  it('pins every image', () => {
    expect(worker.image).toBe(`rollcall:${manifest.version}`);
    for (const [, { image }] of services) expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+[\w.-]*$/);
  });

  it('checks the health of every service, and starts the worker when the others are healthy', () => {
    for (const [, { healthcheck }] of services) expect(healthcheck?.test[0]).toBe('CMD');
    expect(worker.healthcheck?.test).toEqual(['CMD', 'node', '/app/bin/healthcheck.js', '/readyz']);
    expect(worker.depends_on).toEqual({
      database: { condition: 'service_healthy' },
      mail: { condition: 'service_healthy' },
    });
  });

  it('sets no variable of the worker that rollcall does not read', () => {
    const known = Object.entries<Variable>(variables).flatMap(([name, { secret }]) =>
      secret === true ? [name, `${name}_FILE`] : [name],
    );
    expect(Object.keys(worker.environment ?? {}).filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(Object.keys(mustBeSet))('does not start without %s, and says what to set', (name) => {
    const given = { ...mustBeSet, [name]: '' };
    expect(() => interpolate(JSON.stringify(compose), given)).toThrow(`${name}: set ${name} in .env`);
  });

  it('gives the worker a configuration that is valid', () => {
    const folder = folderWith({ token: 'cfut_token' });
    const given = Object.entries(worker.environment ?? {}).map(([name, text]): [string, string] => [
      name,
      interpolate(text, mustBeSet),
    ]);
    const secretsFolder = (text: string) =>
      text.replace('/run/secrets/cloudflare-api-token', path.join(folder, 'token'));
    const config = loadConfig(
      Object.fromEntries(given.map(([name, text]) => [name, secretsFolder(text)])),
      folder,
    );
    expect(config.databaseUrl?.reveal()).toBe(
      'postgres://rollcall:cafe@database:5432/rollcall?sslmode=disable',
    );
    expect(revealed(config)).toMatchObject({ smtpUrl: 'smtp://mail:1025?tls=off' });
    expect(config.audiences).toEqual([{ to: ['a@example.com'] }]);
    expect(config.principals).toHaveLength(1);
  });

  it('has no password in it, and gives secrets as files', () => {
    expect(read('docker-compose.yml')).not.toMatch(/password:\s*['"]?\w+['"]?\s*$/im);
    expect(database.environment?.['POSTGRES_PASSWORD']).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
    expect(compose.secrets['cloudflare-api-token']?.file).toMatch(/^\$\{CLOUDFLARE_API_TOKEN_FILE:\?/);
  });

  const hasCompose = hasProgram('docker') && ask('docker', ['compose', 'version']).status === 0;

  it.skipIf(!hasCompose)('is read by docker compose (skipped without it)', () => {
    const folder = folderWith({ token: 'cfut_token' });
    const variables = Object.entries({ ...mustBeSet, CLOUDFLARE_API_TOKEN_FILE: path.join(folder, 'token') });
    const envFile = path.join(folder, 'env');
    writeFileSync(envFile, variables.map(([name, text]) => `${name}=${text}\n`).join(''));
    const args = ['compose', '--file', path.join(root, 'docker-compose.yml'), '--env-file', envFile];
    expect(ask('docker', [...args, 'config', '--quiet'])).toMatchObject({ status: 0 });
  });

  it('opens ports to this machine only', () => {
    for (const [, { ports = [] }] of services) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('gives everything time to end, and starts it again', () => {
    for (const [, service] of services) {
      expect(service).toMatchObject({ stop_grace_period: '40s', restart: 'unless-stopped' });
    }
    expect(worker.init).toBe(true);
  });

  it('keeps the database where its image does since version 18, and lets others write nowhere else', () => {
    expect(database.volumes).toEqual(['database:/var/lib/postgresql']);
    expect(worker.volumes).toEqual(['data:/data']);
    expect([worker.read_only, mail.read_only]).toEqual([true, true]);
    expect(Object.keys(compose.volumes).sort()).toEqual(['data', 'database']);
  });
});

describe('the examples under docs/deploy', () => {
  const manifests = globSync('docs/deploy/kubernetes/*.yaml', { cwd: root });
  const units = globSync('docs/deploy/systemd/*', { cwd: root });
  const known = Object.entries<Variable>(variables).flatMap(([name, { secret }]) =>
    secret === true ? [name, `${name}_FILE`] : [name],
  );

  it('are there for cron, systemd and Kubernetes', () => {
    expect(manifests).toHaveLength(2);
    expect(units).toHaveLength(3);
    expect(existsSync(path.join(root, 'docs/deploy/rollcall.crontab'))).toBe(true);
  });

  it.each(manifests)(
    '%s is YAML that starts this version and sets only variables that rollcall reads',
    (file) => {
      const text = read(file);
      expect(parse(text)).toMatchObject({ kind: expect.any(String) as string });
      expect(text).toContain(`image: rollcall:${manifest.version}`);
      const set = [...text.matchAll(/\{ name: ([A-Z][A-Z_]+), value:/g)].map(([, name = '']) => name);
      expect(set.length).toBeGreaterThan(2);
      expect(set.filter((name) => !known.includes(name))).toEqual([]);
    },
  );

  it.each([...units, 'docs/deploy/rollcall.crontab'])('%s starts a command that is there', (file) => {
    const call = /(?:bin\/rollcall\.js|npx --no -- rollcall --env-file \S+) (\w+)/g;
    const started = [...read(file).matchAll(call)].map(([, command = '']) => command);
    expect(started.filter((command) => !['run', 'worker'].includes(command))).toEqual([]);
    expect(started).toHaveLength(file.endsWith('.timer') ? 0 : 1);
  });

  it('kill a worker for nothing that its database does, and try no night twice', () => {
    const worker = read('docs/deploy/kubernetes/worker.yaml');
    expect(worker).toMatch(/livenessProbe:\n +httpGet: \{ path: \/healthz,/);
    expect(worker).toMatch(/readinessProbe:\n +httpGet: \{ path: \/readyz,/);
    expect(read('docs/deploy/kubernetes/cronjob.yaml')).toMatch(/^ +backoffLimit: 0$/m);
  });

  it('give the worker longer to end than it takes', () => {
    expect(read('docs/deploy/systemd/rollcall-worker.service')).toContain('TimeoutStopSec=40');
    expect(read('docs/deploy/kubernetes/worker.yaml')).toContain('terminationGracePeriodSeconds: 40');
  });
});
