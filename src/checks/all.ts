import pLimit from 'p-limit';
import { type Config } from '../config.ts';
import { type PrincipalConfig } from '../config/principals.ts';
import { fingerprintOf } from '../config/fingerprint.ts';
import { secretsOf } from '../config/secrets.ts';
import { type Sources } from '../config/sources.ts';
import { createRedactor, type Redact } from '../domain/redact.ts';
import { readVersion } from '../project.ts';
import { type Check } from './check.ts';
import { type CloudflareLook, lookAtCloudflare } from './cloudflare.ts';
import { checkConfiguration, checkPing } from './configuration.ts';
import { listSchedules } from '../schedule/in-force.ts';
import { emptyHistory, type History } from './history.ts';
import { findLastUser, judgeIdentity } from './identity.ts';
import { checkMail, openMailer } from './mail.ts';
import { judgePrincipals, tellUsers } from './principals.ts';
import { judgeReports } from './reports.ts';
import { judgeRoutes } from './routes.ts';
import { judgeHeld, judgeRuns, type Occasion } from './runs.ts';
import { checkSchedule } from './schedule.ts';
import { lookAtStored, type StoredLook } from './stored.ts';
import { sendTestMails } from './test-mail.ts';
import { checkWebhooks } from './webhooks.ts';
import { checkWorkersToCome, judgeWorkers } from './workers.ts';

/** What to check, for which principals and as of when, and what ends it early. */
export interface CheckOptions {
  config: Config;
  sources: Sources;
  /** Those of the configuration whose credentials and runs are looked at. */
  principals: readonly PrincipalConfig[];
  /** Who is sent a test: addresses a mail, webhooks an event. */
  testTo: readonly string[];
  now: Date;
  signal: AbortSignal;
  /** Told what is being waited for, each time that changes. */
  onWaiting: (names: readonly string[]) => void;
}

/** How many principals are asked about side by side. */
const principalsAtOnce = 4;

/**
 * Looks at everything that a night needs, as far as one can without changing anything. What fails is told, and keeps
 * nothing else from being looked at. Throws the signal's reason when that ends it.
 */
export async function checkAll(options: CheckOptions): Promise<Check[]> {
  const { signal, config } = options;
  const seen = await lookAround(options);
  signal.throwIfAborted();
  const redact = createRedactor(secretsOf(config));
  return judge(options, seen).map((check) => withoutSecrets(check, redact));
}

/** What can only be known by asking somebody. */
interface Seen {
  stored: StoredLook;
  principals: readonly PrincipalLook[];
  mail: readonly Check[];
  webhooks: readonly Check[];
}

interface PrincipalLook extends CloudflareLook {
  principal: PrincipalConfig;
}

async function lookAround(options: CheckOptions): Promise<Seen> {
  const { config, principals, testTo, now, signal } = options;
  const wait = createWaitingList(options.onWaiting);
  const limit = pLimit(principalsAtOnce);
  const ask = async (principal: PrincipalConfig): Promise<PrincipalLook> => {
    const look = () => lookAtCloudflare(principal, config, signal);
    return { principal, ...(await wait(principal.name, look)) };
  };
  const names = principals.map(({ name }) => name);
  const [stored, looks, mail, webhooks] = await Promise.all([
    wait('the database', () => lookAtStored({ config, names, now })),
    Promise.all(principals.map((principal) => limit(ask, principal))),
    wait('the mail server', () => lookAtMail(options)),
    config.webhooks.length === 0
      ? []
      : wait('the webhooks', () => checkWebhooks({ config, testTo, now, signal })),
  ]);
  return { stored, principals: looks, mail, webhooks };
}

async function lookAtMail({ config, testTo, now, signal }: CheckOptions): Promise<Check[]> {
  const mailer = openMailer(config, signal);
  try {
    const mail = await checkMail(config, mailer);
    const addresses = testTo.filter((to) => !config.webhooks.some(({ name }) => name === to));
    return [mail, ...(await sendTestMails(mailer, addresses, { config, now }))];
  } finally {
    await mailer.close();
  }
}

/** Every check, in the order in which they are told. */
function judge({ config, sources, now }: CheckOptions, { stored, principals, ...seen }: Seen): Check[] {
  const { checks, history } = stored;
  const schedules = listSchedules(history?.workers ?? [], config.schedule, now);
  return [
    checkConfiguration(config, sources),
    ...checks,
    ...principals.flatMap((look) => judgePrincipal(look, history, { schedules, now })),
    ...(history === null
      ? []
      : [
          ...judgePrincipals(tellUsers(config.principals, principals, history.everybody), history.everybody),
          judgeReports(history.mail),
          history === emptyHistory
            ? checkWorkersToCome()
            : judgeWorkers(history.workers, history.startedOtherwise, {
                version: readVersion(),
                configuration: fingerprintOf(config),
              }),
        ]),
    ...judgeRoutes(config, history),
    ...seen.mail,
    ...seen.webhooks,
    checkSchedule(config.schedule, now),
  ];
}

function judgePrincipal(
  { principal, credentials, user }: PrincipalLook,
  history: History | null,
  occasion: Occasion,
): Check[] {
  const { name } = principal;
  const known = history?.principals.get(name);
  return [
    credentials,
    judgeIdentity(name, user, history === null ? 'unknown' : findLastUser(name, user, history)),
    ...(history === null || known?.retiredAt != null
      ? []
      : [judgeRuns(name, known, occasion), judgeHeld(name, known)]),
    checkPing(principal),
  ].filter((check) => check !== null);
}

/** What others said may repeat what they were told. */
function withoutSecrets(check: Check, redact: Redact): Check {
  const { found, remedy } = check;
  return { ...check, found: redact(found), remedy: remedy === null ? null : redact(remedy) };
}

/** Does work, and tells what is under way whenever that changes. */
function createWaitingList(onWaiting: CheckOptions['onWaiting']) {
  const waiting = new Set<string>();
  return async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    waiting.add(name);
    onWaiting([...waiting]);
    try {
      return await work();
    } finally {
      waiting.delete(name);
      onWaiting([...waiting]);
    }
  };
}
