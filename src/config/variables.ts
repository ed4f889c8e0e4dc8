/** An environment variable that rollcall reads, as `--help` and the README describe it. */
export interface Variable {
  description: string;
  /** What holds while it is unset, in words. */
  default?: string;
  /** A secret may also be given as a path to a file that holds it, in `NAME_FILE`. */
  secret?: true;
  /** No secret itself, but a place where people put one by mistake: no error repeats it. */
  confidential?: true;
}

/** Every variable that rollcall reads. Empty counts as unset. */
export const variables = {
  DATABASE_URL: {
    description:
      'PostgreSQL, 15 or newer: postgres://user:password@host:5432/database; TLS is required except on this machine, ?sslmode=disable gives it up',
    default: 'the embedded database in ROLLCALL_DATA_DIR',
    secret: true,
  },
  ROLLCALL_DATA_DIR: {
    description:
      'folder of the embedded database (pglite/) and of mail while there is no SMTP server (outbox/)',
    default: './data',
  },
  CLOUDFLARE_API_TOKEN: {
    description: "the principal's user-owned API token, or the next two",
    secret: true,
  },
  CLOUDFLARE_EMAIL: {
    description: "the principal's email, with CLOUDFLARE_API_KEY",
    confidential: true,
  },
  CLOUDFLARE_API_KEY: { description: "the principal's Global API Key, with CLOUDFLARE_EMAIL", secret: true },
  CLOUDFLARE_BASE_URL: {
    description: 'where the API is; http:// to another machine only with ?tls=off at its end',
    default: 'https://api.cloudflare.com/client/v4',
    confidential: true,
  },
  ROLLCALL_PRINCIPAL: {
    description: 'name of the one principal that the environment describes',
    default: 'default',
  },
  ROLLCALL_SOURCE: {
    description: "which endpoint that principal's roll is read from: organizations or memberships",
    default: 'organizations',
  },
  SMTP_URL: {
    description: 'mail server: smtp://user:password@host:587 (STARTTLS) or smtps://…:465',
    default: '.eml files in the outbox',
    secret: true,
  },
  MAIL_FROM: { description: 'sender of the reports; needed with SMTP_URL', default: 'rollcall@localhost' },
  MAIL_TO: {
    description:
      'recipients of every report, comma-separated; needed with SMTP_URL, unless rollcall.yaml has reports, which replace it',
    default: 'outbox@localhost',
  },
  ROLLCALL_SCHEDULE: { description: 'cron expression of the nightly snapshot', default: '0 2 * * *' },
  ROLLCALL_TIMEZONE: { description: 'IANA time zone of the schedule', default: 'UTC' },
  ROLLCALL_PING_URL: {
    description: "where the principal's runs are announced, Healthchecks style: URL/start, URL, URL/fail",
    secret: true,
  },
  ROLLCALL_HTTP: {
    description: 'where the worker serves /healthz, /readyz and /metrics: host:port, a port, or off',
    default: '127.0.0.1:9465, or any port if that is taken',
  },
  ROLLCALL_HTTP_HOSTS: {
    description: 'names by which the worker may be asked there, comma-separated; an address will do without',
    default: 'localhost, and the host of ROLLCALL_HTTP',
  },
  ROLLCALL_CONFIG: {
    description: 'configuration file: many principals, many recipients, thresholds',
    default: './rollcall.yaml if there is one',
  },
  ROLLCALL_COMMAND: {
    description: 'how mails write the commands that they name, in place of rollcall',
    default: 'npx --no rollcall',
  },
  LOG_LEVEL: { description: 'trace, debug, info, warn, error, fatal or silent', default: 'info' },
} as const satisfies Record<string, Variable>;

/** The name of a variable that rollcall reads, `NAME_FILE` forms aside. */
export type VariableName = keyof typeof variables;
