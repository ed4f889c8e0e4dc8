import { type Webhook } from '../domain/webhook.ts';
import { type Audience } from '../report/audience.ts';
import { type Environment } from './environment.ts';
import { type Faults } from './faults.ts';
import { type LoadedFile, locate } from './file.ts';
import { readVariable } from './readings.ts';
import { addressListRule } from './rules.ts';

/** Who gets which reports: one entry of `reports`, a route. */
export type AudienceConfig = Audience;

/** The file's `reports`, or else one audience of everything for MAIL_TO. */
export function readAudiences(
  environment: Environment,
  { file, webhooks }: { file: LoadedFile; webhooks: ReadonlyMap<number, Pick<Webhook, 'name'>> },
  faults: Faults,
): readonly AudienceConfig[] {
  if (file.has('reports')) {
    return (file.sections.reports ?? []).map(
      ({ to = [], principals, categories, kinds, roles, about, csv }, index) => {
        const name = webhooks.get(index)?.name;
        return {
          to,
          ...(name !== undefined && { webhook: { name } }),
          ...(principals && { principals }),
          ...(categories && { categories }),
          ...(kinds && { kinds }),
          ...(roles && { roles }),
          ...(about && { about }),
          ...(csv !== undefined && { csv }),
        };
      },
    );
  }
  const to = readVariable(environment, { name: 'MAIL_TO', rule: addressListRule }, faults);
  return [{ to: to ?? ['outbox@localhost'] }];
}

/** With a mail server there must be a sender and somebody to write to. */
export function checkMail(environment: Environment, file: LoadedFile, faults: Faults): void {
  if (environment.getSecret('SMTP_URL') === undefined) return;
  if (environment.get('MAIL_FROM') === undefined)
    faults.add('MAIL_FROM', 'expected a sender, since SMTP_URL is set');
  if (environment.get('MAIL_TO') === undefined && !file.has('reports')) {
    faults.add('MAIL_TO', `expected recipients, since SMTP_URL is set and ${file.name} has no reports`);
  }
}

/** An audience of a principal that is not there would never hear anything. */
export function checkAudiencePrincipals(
  file: LoadedFile,
  principals: readonly string[],
  faults: Faults,
): void {
  file.sections.reports?.forEach(({ principals: named = [] }, audience) =>
    named.forEach((name, index) => {
      if (principals.includes(name)) return;
      const place = locate(file.name, ['reports', audience, 'principals', index]);
      faults.add(
        place,
        `expected a configured principal (${principals.join(', ')}), got ${JSON.stringify(name)}`,
      );
    }),
  );
}
