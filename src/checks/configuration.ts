import { type Config } from '../config.ts';
import { type PrincipalConfig } from '../config/principals.ts';
import { type Sources } from '../config/sources.ts';
import { describeError } from '../domain/errors.ts';
import { readSource } from '../domain/source.ts';
import { planRecipients } from '../report/audience.ts';
import { type Check, countOf, ok, warn } from './check.ts';
import { listRecipients } from './recipients.ts';

const subject = { check: 'configuration' } as const;

/** What a configuration without faults was read from, and for how many it is. */
export function checkConfiguration(
  { principals, audiences }: Pick<Config, 'principals' | 'audiences'>,
  sources: Sources,
): Check {
  const counts = `${countOf(principals.length, 'principal')}, ${countOf(listRecipients(audiences).length, 'recipient')}`;
  const found = `${counts}; ${describeSources(sources)}`;
  const unheard = principals.filter(({ name }) => planRecipients(name, audiences).length === 0);
  if (unheard.length === 0) return ok(subject, found);
  const names = unheard.map(({ name }) => name).join(', ');
  return warn(
    subject,
    `${found}; nobody gets reports about ${names}`,
    'Add these to an entry of reports in rollcall.yaml, or one without principals.',
  );
}

function describeSources({ files, variables }: Sources): string {
  const read = files.length === 0 ? 'no file read' : `read ${files.join(', ')}`;
  return variables.length === 0 ? `${read}, no variable set` : `${read}, set ${variables.join(', ')}`;
}

/** That there is a place to announce runs at; `null` where there is none. Nothing is announced there. */
export function checkPing({ name, pingUrl }: PrincipalConfig): Check | null {
  if (pingUrl === null) return null;
  const ping = { check: 'ping', principal: name } as const;
  try {
    readSource(pingUrl);
    return ok(ping, 'set; nothing was sent there');
  } catch (error) {
    return warn(ping, describeError(error), 'No run of it is announced until this is mended.');
  }
}
