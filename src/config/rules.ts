import * as z from 'zod';
import { parsePostgresUrl } from '../database/postgres-url.ts';
import { parseSmtpUrl } from '../deliver/smtp/url.ts';
import { describeError } from '../domain/errors.ts';
import { runSources } from '../domain/run.ts';
import { Secret } from '../domain/secret.ts';
import { isThisMachine } from '../domain/this-machine.ts';
import { findCronFault, isTimeZone } from '../schedule/cron.ts';

// What single values must be. A message says what was expected and never repeats the value, which may be a secret.

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** A level of pino's, or `silent` for no log at all. */
export type LogLevel = (typeof logLevels)[number];

/** What `LOG_LEVEL` may be. */
export const logLevelRule = z.enum(logLevels, `expected one of ${logLevels.join(', ')}`);

/** A bare address; a mail server decides the rest. */
const bareAddress = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/;

/** A bare address, without a name. */
export const addressRule = z.string().regex(bareAddress, 'expected an address such as security@example.com');

/** Bare addresses, comma-separated in one text; read as a list. */
export const addressListRule = z
  .string()
  .transform((text) => text.split(',').map((address) => address.trim()))
  .pipe(
    z.array(
      z.string().regex(bareAddress, 'expected addresses such as security@example.com, comma-separated'),
    ),
  );

/** A bare address, or `Name <address>`. */
export const senderRule = z
  .string()
  .regex(
    /^(?:[^<>\p{Cc}]*<[^\s@<>,;"]+@[^\s@<>,;"]+>|[^\s@<>,;"]+@[^\s@<>,;"]+)$/u,
    'expected an address such as Rollcall <rollcall@example.com>',
  );

/** A cron expression in which {@link findCronFault} finds no fault. */
export const cronRule = z.string().superRefine((expression, context) => {
  const fault = findCronFault(expression);
  if (fault !== null) context.addIssue({ code: 'custom', message: fault });
});

/** A time zone that this Node.js knows. */
export const timezoneRule = z.string().refine(isTimeZone, 'expected an IANA time zone such as Europe/Madrid');

/** What is typed in place of `rollcall`: one line, without the backticks that commands stand between. */
export const commandRule = z
  .string()
  .min(1, 'expected a command')
  .max(200, 'expected at most 200 characters')
  .regex(/^[^\p{C}`]*$/u, 'expected a command such as docker compose exec worker rollcall, on one line');

/** A principal's name: 1 to 100 characters, none of them in Unicode's category Other, such as control characters. */
export const principalNameRule = z
  .string()
  .min(1, 'expected a name')
  .max(100, 'expected at most 100 characters')
  .regex(/^[^\p{C}]*$/u, 'expected a name without control characters');

/** Which endpoint a roll is read from. */
export const sourceRule = z.enum(runSources, `expected one of ${runSources.join(', ')}`);

/** A token or key, as a header can carry it. */
export const credentialRule = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'expected one word without spaces or line breaks; its value is not shown');

/** What gives TLS up on the way to another machine, as in SMTP_URL. */
const tlsOff = '?tls=off';

/** The same URL without the word that gives TLS up, which is for us alone. */
export function withoutTlsWord(text: string): string {
  return isClearText(text) && text.endsWith(tlsOff) ? text.slice(0, -tlsOff.length) : text;
}

function isClearText(text: string): boolean {
  return URL.parse(text)?.protocol === 'http:';
}

/** Whether what goes there can be read on the way, and nobody has said that it may. */
function isReadByOthers(text: string): boolean {
  const host = URL.parse(text)?.hostname ?? '';
  return isClearText(text) && !isThisMachine(host) && !text.endsWith(tlsOff);
}

/** A place to announce runs at; like a secret, since whoever has it can announce too. */
export const urlRule = z
  .string()
  .refine(
    (text) => ['https:', 'http:'].includes(URL.parse(text)?.protocol ?? ''),
    'expected a URL such as https://hc-ping.com/uuid; its value is not shown',
  )
  .refine(
    (text) => !isReadByOthers(text),
    `expected https://, for whoever reads it on the way could announce too; ${tlsOff} at its end gives that up; its value is not shown`,
  )
  // fetch takes none, and its error repeats them.
  .refine((text) => {
    const { username = '', password = '' } = URL.parse(text) ?? {};
    return username + password === '';
  }, 'expected a URL without user and password; its value is not shown');

/** Where the worker answers over HTTP; `null` for nowhere. */
export interface HttpPlace {
  host: string;
  port: number;
}

const httpExpectation = 'expected host:port such as 127.0.0.1:9465, a port, or off';

const dayMs = 86_400_000;
const spanMs: Readonly<Record<string, number>> = { d: dayMs, w: 7 * dayMs, y: 366 * dayMs };
const spanExpectation = 'expected for how long history is kept, at least 30d, such as 90d, 52w or 3y';

/** For how long history is kept, as days, weeks or years; read as milliseconds, a year as the longest there is. */
export const retentionRule = z
  .string(spanExpectation)
  .refine((text) => /^\d{1,5}[dwy]$/.test(text) && retentionMsOf(text) >= 30 * dayMs, spanExpectation);

/** Milliseconds of what {@link retentionRule} takes. */
export function retentionMsOf(text: string): number {
  return Number.parseInt(text, 10) * (spanMs[text.slice(-1)] ?? NaN);
}

/** A place to listen at: `host:port`, a port alone on 127.0.0.1, or `off`, which is read as `null`. */
export const httpRule = z.string().transform((text, context): HttpPlace | null => {
  if (text === 'off') return null;
  const [, host = '127.0.0.1', port = ''] = /^(?:(\[[\da-f:.]+\]|[\w.-]+):)?(\d{1,5})$/i.exec(text) ?? [];
  if (port !== '' && Number(port) <= 65_535) {
    return { host: host.replaceAll(/^\[|\]$/g, ''), port: Number(port) };
  }
  context.addIssue({ code: 'custom', message: httpExpectation });
  return z.NEVER;
});

/** Names of hosts without a port, comma-separated in one text; read as a list. */
export const hostListRule = z
  .string()
  .transform((text) => text.split(',').map((host) => host.trim()))
  .pipe(
    z.array(
      z
        .string()
        .regex(
          /^[\w-]+(?:\.[\w-]+)*\.?$/,
          'expected names of hosts such as rollcall.internal, comma-separated',
        ),
    ),
  );

/**
 * An http or https URL that a path can be added to: without user, password, query or fragment. To another machine only
 * https, or with `?tls=off`, which is not a part of what is read.
 */
export const baseUrlRule = z
  .string()
  .refine((text) => {
    const url = URL.parse(withoutTlsWord(text));
    if (url === null || !['https:', 'http:'].includes(url.protocol)) return false;
    return url.username + url.password + url.search + url.hash === '';
  }, 'expected a URL such as https://api.cloudflare.com/client/v4, without user, password, ? or #')
  .refine(
    (text) => !isReadByOthers(text),
    `expected https://, for the credentials would go in clear text; ${tlsOff} at its end gives that up`,
  )
  .transform(withoutTlsWord);

/** What the database expects of a DATABASE_URL that it does not accept. */
export function findDatabaseUrlFault(text: string): string | undefined {
  return faultIn(() => parsePostgresUrl(new Secret(text)), 'DATABASE_URL');
}

/** What the mailer expects of an SMTP_URL that it does not accept. */
export function findSmtpUrlFault(text: string): string | undefined {
  return faultIn(() => parseSmtpUrl(new Secret(text)), 'SMTP_URL');
}

function faultIn(parse: () => unknown, variable: string): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return describeError(error).replace(`${variable}: `, '');
  }
}
