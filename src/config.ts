import path from 'node:path';
import type * as z from 'zod';
import {
  type AudienceConfig,
  checkAudiencePrincipals,
  checkMail,
  readAudiences,
} from './config/audiences.ts';
import { type Environment, type RawEnvironment, readEnvironment } from './config/environment.ts';
import { collectFaults, type Faults } from './config/faults.ts';
import { loadFile, type LoadedFile } from './config/file.ts';
import { type PrincipalConfig, readPrincipals } from './config/principals.ts';
import { readProxies } from './config/proxies.ts';
import { readSecretSource, readSecretVariable, readVariable } from './config/readings.ts';
import {
  baseUrlRule,
  commandRule,
  cronRule,
  findDatabaseUrlFault,
  findSmtpUrlFault,
  hostListRule,
  type HttpPlace,
  httpRule,
  type LogLevel,
  logLevelRule,
  retentionMsOf,
  senderRule,
  timezoneRule,
} from './config/rules.ts';
import { isThere } from './config/settings-file.ts';
import { type SettingsFile } from './config/settings-watch.ts';
import { findSettingsFiles, findSources, type Sources } from './config/sources.ts';
import { type VariableName } from './config/variables.ts';
import { readWebhooks } from './config/webhooks.ts';
import { RollcallError } from './domain/errors.ts';
import { didYouMean } from './domain/nearest.ts';
import { type Proxies } from './domain/proxies.ts';
import { type Secret } from './domain/secret.ts';
import { type Source } from './domain/source.ts';
import { type Webhook } from './domain/webhook.ts';
import { type Schedule } from './schedule/slots.ts';

/** Everything that can be set, checked and typed. */
export interface Config {
  /** PostgreSQL, or `null` for the embedded database. Read once: its connections stay open. */
  databaseUrl: Secret | null;
  embeddedFolder: string;
  outboxFolder: string;
  cloudflareBaseUrl: string;
  /** By which Cloudflare is asked, runs are announced and webhooks are called. */
  proxies: Proxies;
  /** Empty when nothing configures one; {@link selectPrincipals} is for those who need some. */
  principals: readonly PrincipalConfig[];
  /** Mail server, or `null` for the outbox. Read again before each mail where a file holds it. */
  smtpUrl: Source<Secret> | null;
  mailFrom: string;
  /** How mails write the commands that they name: what is typed in place of `rollcall`. */
  command: string;
  audiences: readonly AudienceConfig[];
  /** The webhooks that audiences name, each once. */
  webhooks: readonly Webhook[];
  schedule: Schedule;
  /** How many hours old the newest missed slot may be to be caught up; 0 for never. */
  catchUpHours: number;
  /** When the digest is due; `null` for never. */
  digest: Schedule | null;
  /** After how many milliseconds history is pruned; `null` for never. */
  retentionMs: number | null;
  /** A run is held when removals exceed `removals` and this share of the baseline. */
  hold: { removals: number; share: number };
  /** Where the worker serves its health; `null` for nowhere, `undefined` for the default place if that is free. */
  http: HttpPlace | null | undefined;
  /** Names by which the worker's health may be asked, beside addresses, localhost and the name that it listens at. */
  httpHosts: readonly string[];
  logLevel: LogLevel;
}

/** What this process reads instead of `.env`, once `--env-file` has said so. */
let chosenEnvFile: string | undefined;

/** From now on this process reads `file` instead of `.env`. Throws `usage` where there is no such file. */
export function readInsteadOfDotenv(file: string): void {
  if (!isThere(path.resolve(file))) {
    throw new RollcallError(
      'usage',
      `--env-file: expected a file, and there is no ${file}. Nothing was done.`,
    );
  }
  chosenEnvFile = file;
}

/**
 * Reads environment, `.env` and `rollcall.yaml` into one configuration. The environment goes before the file.
 * Throws `configuration` with every fault that was found.
 */
export function loadConfig(raw: RawEnvironment = process.env, folder: string = process.cwd()): Config {
  const faults = collectFaults();
  const environment = readEnvironment(raw, { folder, envFile: chosenEnvFile }, faults);
  const file = loadFile(environment, folder, faults);
  const { principals, names } = readPrincipals(environment, { file, folder }, faults);
  const webhooks = readWebhooks(file, folder, faults);
  const config = {
    ...readPlaces(environment, folder, faults),
    ...readTimes(environment, file, faults),
    principals,
    audiences: readAudiences(environment, { file, webhooks }, faults),
    webhooks: distinct([...webhooks.values()]),
    command: readCommand(environment, file, faults),
  };
  checkMail(environment, file, faults);
  if (names !== null) checkAudiencePrincipals(file, names, faults);
  if (file.isRead) environment.refuseUnknown();
  faults.throwIfAny();
  return config;
}

function distinct(webhooks: readonly Webhook[]): Webhook[] {
  return [...new Map(webhooks.toReversed().map((webhook) => [webhook.name, webhook])).values()].toReversed();
}

/** Names the files and variables that {@link loadConfig} reads. */
export function listSources(raw: RawEnvironment = process.env, folder: string = process.cwd()): Sources {
  return findSources(raw, { folder, envFile: chosenEnvFile });
}

/** The files that {@link loadConfig} reads and that are not read again while a worker runs, be they there or not. */
export function listSettingsFiles(
  raw: RawEnvironment = process.env,
  folder: string = process.cwd(),
): SettingsFile[] {
  return findSettingsFiles(raw, { folder, envFile: chosenEnvFile });
}

/**
 * The principals to work on: those named, or all. Throws `configuration` when none is configured, and `usage` for a
 * name that is not.
 */
export function selectPrincipals(config: Config, names: readonly string[] = []): readonly PrincipalConfig[] {
  if (config.principals.length === 0) {
    throw new RollcallError(
      'configuration',
      'No principal is configured: set CLOUDFLARE_API_TOKEN (or CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY), or list ' +
        'principals in rollcall.yaml. To try rollcall without any, use the demo.',
    );
  }
  const unknown = names.filter((name) => !config.principals.some((principal) => principal.name === name));
  if (unknown.length > 0) {
    const known = config.principals.map(({ name }) => name);
    const near = didYouMean(unknown[0] ?? '', known);
    throw new RollcallError(
      'usage',
      `No principal is called ${unknown.join(' or ')}; configured: ${known.join(', ')}.${near}`,
    );
  }
  return config.principals.filter(({ name }) => names.length === 0 || names.includes(name));
}

/** Where things are and go. */
function readPlaces(environment: Environment, folder: string, faults: Faults) {
  const read = reader(environment, faults);
  const dataFolder = path.resolve(folder, environment.get('ROLLCALL_DATA_DIR') ?? 'data');
  return {
    databaseUrl: readSecretVariable(
      environment,
      { name: 'DATABASE_URL', findFault: findDatabaseUrlFault },
      faults,
    ),
    embeddedFolder: path.join(dataFolder, 'pglite'),
    outboxFolder: path.join(dataFolder, 'outbox'),
    cloudflareBaseUrl: read('CLOUDFLARE_BASE_URL', baseUrlRule) ?? 'https://api.cloudflare.com/client/v4',
    proxies: readProxies(environment, faults),
    smtpUrl: readSecretSource(environment, { name: 'SMTP_URL', findFault: findSmtpUrlFault }, faults),
    mailFrom: read('MAIL_FROM', senderRule) ?? 'rollcall@localhost',
    http: read('ROLLCALL_HTTP', httpRule),
    httpHosts: read('ROLLCALL_HTTP_HOSTS', hostListRule) ?? [],
    logLevel: read('LOG_LEVEL', logLevelRule) ?? 'info',
  };
}

/** When to run, and what to believe. */
function readTimes(environment: Environment, { sections }: LoadedFile, faults: Faults) {
  const read = reader(environment, faults);
  const timezone = read('ROLLCALL_TIMEZONE', timezoneRule) ?? sections.timezone ?? 'UTC';
  const digest = sections.digest ?? '0 8 * * 1';
  return {
    schedule: {
      expression: read('ROLLCALL_SCHEDULE', cronRule) ?? sections.schedule ?? '0 2 * * *',
      timezone,
    },
    catchUpHours: sections.catchUp?.hours ?? 24,
    digest: digest === 'off' ? null : { expression: digest, timezone },
    retentionMs: sections.retention === undefined ? null : retentionMsOf(sections.retention),
    hold: sections.hold ?? { removals: 10, share: 0.25 },
  };
}

function readCommand(environment: Environment, { sections }: LoadedFile, faults: Faults): string {
  const given = reader(environment, faults)('ROLLCALL_COMMAND', commandRule);
  return given ?? sections.command ?? 'npx --no rollcall';
}

function reader(environment: Environment, faults: Faults) {
  return <T>(name: VariableName, rule: z.ZodType<T>): T | undefined =>
    readVariable(environment, { name, rule }, faults);
}
