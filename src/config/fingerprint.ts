import { createHash } from 'node:crypto';
import { type Config } from '../config.ts';
import { type AudienceConfig } from './audiences.ts';

/**
 * Stands for what is configured that bears on what the nights come to: two processes with the same one do the same. Twelve
 * hex digits. Where things are and secrets are not in it.
 */
export function fingerprintOf({
  principals,
  audiences,
  schedule,
  catchUpHours,
  digest,
  retentionMs,
  hold,
  cloudflareBaseUrl,
  webhooks,
}: Config): string {
  const names = principals.map(({ name, source }) => [name, source]).toSorted();
  const said = {
    names,
    audiences: audiences.map(withoutSecrets),
    formats: webhooks.map(({ name, format }) => [name, format]),
    schedule,
    catchUpHours,
    digest,
    retentionMs,
    hold,
    cloudflareBaseUrl,
  };
  return createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 12);
}

/** A webhook counts by what stands for its URL. */
function withoutSecrets({ to, webhook, principals, categories, kinds, roles, about, csv }: AudienceConfig) {
  return { to, principals, categories, kinds, roles, about, csv, webhook: webhook?.name };
}
