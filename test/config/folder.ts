import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type Config, loadConfig } from '../../src/config.ts';
import { type RawEnvironment } from '../../src/config/environment.ts';
import { type Credentials } from '../../src/domain/credentials.ts';
import { RollcallError } from '../../src/domain/errors.ts';
import { type Secret } from '../../src/domain/secret.ts';
import { readSource, type Source } from '../../src/domain/source.ts';

export interface Given {
  variables?: RawEnvironment;
  /** Files by their path in the folder: `.env`, `rollcall.yaml`, secrets. */
  files?: Readonly<Record<string, string | Buffer>>;
}

/** A folder with these files, gone with the test. */
export function folderWith(files: Given['files'] = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return folder;
}

/** The configuration of these variables and files, and of nothing else. */
export function configured({ variables = {}, files }: Given, folder = folderWith(files)): Config {
  return loadConfig(variables, folder);
}

/** The faults of a configuration, one line each; empty when it has none. The folder is written as `…`. */
export function faultsOf(given: Given): string[] {
  const folder = folderWith(given.files);
  try {
    configured(given, folder);
    return [];
  } catch (error) {
    if (!(error instanceof RollcallError) || error.code !== 'configuration') throw error;
    return error.message.replaceAll(folder, '…').split('\n  ').slice(1);
  }
}

/** The faults of a `rollcall.yaml`. */
export function faultsOfFile(yaml: string, variables: RawEnvironment = {}): string[] {
  return faultsOf({ files: { 'rollcall.yaml': yaml }, variables });
}

/** A configuration in plain values: its secrets read and revealed. */
export function revealed(config: Config): unknown {
  const reveal = (source: Source<Secret>) => readSource(source).reveal();
  return JSON.parse(
    JSON.stringify({
      ...config,
      databaseUrl: config.databaseUrl?.reveal() ?? null,
      smtpUrl: config.smtpUrl === null ? null : reveal(config.smtpUrl),
      principals: config.principals.map(({ name, credentials, pingUrl }) => ({
        name,
        ...revealCredentials(readSource(credentials)),
        ...(pingUrl !== null && { pingUrl: reveal(pingUrl) }),
      })),
    }),
  );
}

function revealCredentials(credentials: Credentials) {
  return credentials.kind === 'token'
    ? { token: credentials.token.reveal() }
    : { email: credentials.email, key: credentials.key.reveal() };
}
