import { createHash } from 'node:crypto';
import { domainToASCII } from 'node:url';

/** Characters of a name that are taken into a list id. */
const longestLabel = 40;

/** So that the whole stays within 255 characters. */
const longestDomain = 190;

const hostname = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

/**
 * The List-Id (RFC 2919) of all mail about a principal, or about none, from that address: `<ops-bot.rollcall.example.com>`,
 * `<rollcall.example.com>`. A name that is no label as it is gets a hash, so that no two share one.
 */
export function listIdOf(principal: string | null, sender: string): string {
  const domain = domainToASCII(sender.slice(sender.lastIndexOf('@') + 1));
  const place = domain.length <= longestDomain && hostname.test(domain) ? domain : 'localhost';
  return `<${principal === null ? '' : `${labelOf(principal)}.`}rollcall.${place}>`;
}

function labelOf(principal: string): string {
  const label = principal
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, longestLabel)
    .replaceAll(/^-|-$/g, '');
  if (label === principal) return label;
  const hash = createHash('sha256').update(principal).digest('hex').slice(0, 8);
  return label === '' ? hash : `${label}-${hash}`;
}
