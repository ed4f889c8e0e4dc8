import path from 'node:path';
import type * as z from 'zod';
import { Secret } from '../domain/secret.ts';
import { readSource, type Source } from '../domain/source.ts';
import { nameWebhook, type Webhook } from '../domain/webhook.ts';
import { type Faults } from './faults.ts';
import { type LoadedFile, locate } from './file.ts';
import { findFaultBy } from './readings.ts';
import { keepExpected, readSecretFile, SecretFault } from './secret-file.ts';
import { type webhookShape, webhookSecretRule, webhookUrlRule } from './webhook-rules.ts';

/** An entry of the file's `reports`, as far as it is about where reports go. */
type Entry = { to?: readonly string[] | undefined } & z.infer<z.ZodObject<typeof webhookShape>>;

/** One entry, and where it stands. */
interface Listed {
  entry: Entry;
  index: number;
  file: LoadedFile;
  /** What relative paths begin at. */
  folder: string;
}

/** The webhooks of the file's `reports`, by the index of their entries; adds what is wrong with them. */
export function readWebhooks(file: LoadedFile, folder: string, faults: Faults): ReadonlyMap<number, Webhook> {
  const webhooks = new Map<number, Webhook>();
  file.sections.reports?.forEach((entry, index) => {
    const webhook = readWebhook({ entry, index, file, folder }, faults);
    if (webhook === null) return;
    const like = [...webhooks.values()].find(({ name }) => name === webhook.name);
    if (like !== undefined && !isSame(like, webhook)) {
      const where = locate(file.name, ['reports', index]);
      faults.add(where, `expected the secret and the format of ${like.where}, which is the same webhook`);
    }
    webhooks.set(index, webhook);
  });
  return webhooks;
}

function isSame(one: Webhook, other: Webhook): boolean {
  const secretOf = ({ secret }: Webhook) => (secret === null ? null : readSource(secret).reveal());
  return one.format === other.format && secretOf(one) === secretOf(other);
}

function readWebhook(listed: Listed, faults: Faults): Webhook | null {
  const { entry, index, file } = listed;
  const where = locate(file.name, ['reports', index]);
  const isGiven = isGivenIn(listed);
  const ways = (['to', 'webhook', 'webhookFile'] as const).filter(isGiven);
  if (ways.length !== 1) {
    faults.add(where, 'expected exactly one of to, webhook and webhookFile');
    return null;
  }
  if (ways[0] === 'to') {
    const stray = (['secret', 'secretFile', 'format'] as const).filter(isGiven);
    for (const key of stray) faults.add(`${where}.${key}`, 'expected none beside to: it is for a webhook');
    return null;
  }
  const { format = 'json' } = entry;
  const url = readSecretOf(listed, 'webhook', faults);
  const isSigned = hasItsSecret(listed, faults);
  const secret = format === 'json' && isSigned ? readSecretOf(listed, 'secret', faults) : null;
  if (url === null || !isSigned || (secret === null && format === 'json')) return null;
  return { name: nameWebhook(readSource(url).reveal()), where: `reports[${index}]`, url, secret, format };
}

function isGivenIn({ entry, index, file }: Listed): (key: keyof Entry) => boolean {
  return (key) => entry[key] !== undefined || file.later(['reports', index, key]) !== undefined;
}

/** Whether it has a secret where its format is signed, and none where nobody would look at a signature. */
function hasItsSecret(listed: Listed, faults: Faults): boolean {
  const { entry, index, file } = listed;
  const where = locate(file.name, ['reports', index]);
  const given = (['secret', 'secretFile'] as const).filter(isGivenIn(listed));
  if (entry.format === 'slack') {
    for (const key of given)
      faults.add(`${where}.${key}`, 'expected none with format slack, which has no signature');
    return given.length === 0;
  }
  if (given.length !== 1)
    faults.add(where, 'expected exactly one of secret and secretFile, to sign what is sent with');
  return given.length === 1;
}

const rules = { webhook: webhookUrlRule, secret: webhookSecretRule };

/** A secret, or what reads it again; it has to be readable now, for what is wrong with it is told before anything is done. */
function readSecretOf(listed: Listed, key: keyof typeof rules, faults: Faults): Source<Secret> | null {
  const source = sourceOf(listed, key);
  if (typeof source !== 'function') return source;
  try {
    source();
    return source;
  } catch (error) {
    if (!(error instanceof SecretFault)) throw error;
    faults.add(error.where, error.expectation);
    return null;
  }
}

function sourceOf({ entry, index, file, folder }: Listed, key: keyof typeof rules): Source<Secret> {
  const findFault = findFaultBy(rules[key]);
  const given = entry[`${key}File`];
  if (given !== undefined) {
    const where = locate(file.name, ['reports', index, `${key}File`]);
    return () => readSecretFile({ file: path.resolve(folder, given), where }, findFault);
  }
  const place = ['reports', index, key];
  const later = file.later(place);
  return later === undefined
    ? new Secret(entry[key] ?? '')
    : () => keepExpected(locate(file.name, place), later(), findFault);
}
