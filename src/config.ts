import { existsSync } from 'node:fs';
import path from 'node:path';
import { type z } from 'zod';
import {
  type AudienceConfig,
  checkAudiencePrincipals,
  checkMail,
  readAudiences,
} from './config/audiences.ts';
import { type Environment, type RawEnvironment, readEnvironment } from './config/environment.ts';
import { collectFaults, type Faults } from './config/faults.ts';
import { type ConfigFile, readConfigFile } from './config/file.ts';
import { type PrincipalConfig, readPrincipals } from './config/principals.ts';
import { readSecretUrl, readVariable } from './config/readings.ts';
import { cronRule, senderRule, timezoneRule, urlRule } from './config/rules.ts';
import { type VariableName } from './config/variables.ts';
import { RollcallError } from './domain/errors.ts';
import { type Secret } from './domain/secret.ts';

/** Everything that can be set, checked and typed. */
export interface Config {
  /** PostgreSQL, or `null` for the embedded database. */
  databaseUrl: Secret | null;
  embeddedFolder: string;
  outboxFolder: string;
  cloudflareBaseUrl: string;
  /** Empty when nothing configures one; {@link selectPrincipals} is for those who need some. */
  principals: readonly PrincipalConfig[];
  /** Mail server, or `null` for the outbox. */
  smtpUrl: Secret | null;
  mailFrom: string;
  audiences: readonly AudienceConfig[];
  schedule: { expression: string; timezone: string };
  /** A run is held when removals exceed `removals` and this share of the baseline. */
  hold: { removals: number; share: number };
  logLevel: LogLevel;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

type Read = <T>(name: VariableName, rule: z.ZodType<T>) => T | undefined;

/**
 * Reads environment, `.env` and `rollcall.yaml` into one configuration. The environment goes before the file.
 * Throws `configuration` with every fault that was found.
 */
export function loadConfig(raw: RawEnvironment = process.env, folder: string = process.cwd()): Config {
  const faults = collectFaults();
  const environment = readEnvironment(raw, folder, faults);
  const file = loadFile(environment, folder, faults);
  const dataFolder = path.resolve(folder, environment.get('ROLLCALL_DATA_DIR') ?? 'data');
  const read: Read = (name, rule) => readVariable(environment, { name, rule }, faults);
  const config: Config = {
    databaseUrl: readSecretUrl(
      environment,
      { name: 'DATABASE_URL', protocols: ['postgres:', 'postgresql:'] },
      faults,
    ),
    embeddedFolder: path.join(dataFolder, 'pglite'),
    outboxFolder: path.join(dataFolder, 'outbox'),
    cloudflareBaseUrl:
      read('CLOUDFLARE_BASE_URL', urlRule(['https:', 'http:'])) ?? 'https://api.cloudflare.com/client/v4',
    principals: readPrincipals(environment, { file, folder }, faults),
    smtpUrl: readSecretUrl(environment, { name: 'SMTP_URL', protocols: ['smtp:', 'smtps:'] }, faults),
    mailFrom: read('MAIL_FROM', senderRule) ?? 'rollcall@localhost',
    audiences: readAudiences(environment, file, faults),
    schedule: {
      expression: read('ROLLCALL_SCHEDULE', cronRule) ?? file?.schedule ?? '0 2 * * *',
      timezone: read('ROLLCALL_TIMEZONE', timezoneRule) ?? file?.timezone ?? 'UTC',
    },
    hold: file?.hold ?? { removals: 10, share: 0.25 },
    logLevel: readLogLevel(environment, faults),
  };
  checkMail(environment, file, faults);
  checkAudiencePrincipals(config, faults);
  faults.throwIfAny();
  return config;
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
    const known = config.principals.map(({ name }) => name).join(', ');
    throw new RollcallError('usage', `No principal is called ${unknown.join(' or ')}; configured: ${known}.`);
  }
  return config.principals.filter(({ name }) => names.length === 0 || names.includes(name));
}

function loadFile(environment: Environment, folder: string, faults: Faults): ConfigFile | null {
  const named = environment.get('ROLLCALL_CONFIG');
  const file = path.resolve(folder, named ?? 'rollcall.yaml');
  if (named === undefined && !existsSync(file)) return null;
  return readConfigFile(path.relative(folder, file) || file, (name) => environment.lookUp(name), faults);
}

function readLogLevel(environment: Environment, faults: Faults): LogLevel {
  const text = environment.get('LOG_LEVEL') ?? 'info';
  const level = logLevels.find((known) => known === text);
  if (level === undefined)
    faults.add('LOG_LEVEL', `expected one of ${logLevels.join(', ')}, got ${JSON.stringify(text)}`);
  return level ?? 'info';
}
