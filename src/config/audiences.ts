import { type Category } from '../domain/change.ts';
import { type Environment } from './environment.ts';
import { type Faults } from './faults.ts';
import { type ConfigFile } from './file.ts';
import { type PrincipalConfig } from './principals.ts';
import { addressRule } from './rules.ts';

/** Who gets reports: of which principals and which categories; of all when left out. */
export interface AudienceConfig {
  to: readonly string[];
  principals?: readonly string[];
  categories?: readonly Category[];
}

/** The file's `reports`, or else one audience of everything for MAIL_TO. */
export function readAudiences(
  environment: Environment,
  file: ConfigFile | null,
  faults: Faults,
): AudienceConfig[] {
  if (file?.reports !== undefined) {
    return file.reports.map(({ to, principals, categories }) => ({
      to,
      ...(principals === undefined ? {} : { principals }),
      ...(categories === undefined ? {} : { categories }),
    }));
  }
  const to = (environment.get('MAIL_TO') ?? 'outbox@localhost').split(',').map((address) => address.trim());
  for (const address of to) {
    const parsed = addressRule.safeParse(address);
    if (!parsed.success)
      faults.add('MAIL_TO', `expected addresses, comma-separated, got ${JSON.stringify(address)}`);
  }
  return [{ to }];
}

/** With a mail server there must be a sender and somebody to write to. */
export function checkMail(environment: Environment, file: ConfigFile | null, faults: Faults): void {
  if (environment.getSecret('SMTP_URL') === undefined) return;
  if (environment.get('MAIL_FROM') === undefined)
    faults.add('MAIL_FROM', 'expected a sender, since SMTP_URL is set');
  if (environment.get('MAIL_TO') === undefined && file?.reports === undefined) {
    faults.add('MAIL_TO', 'expected recipients, since SMTP_URL is set and rollcall.yaml has no reports');
  }
}

/** An audience of a principal that is not there would never hear anything. */
export function checkAudiencePrincipals(
  { audiences, principals }: { audiences: readonly AudienceConfig[]; principals: readonly PrincipalConfig[] },
  faults: Faults,
): void {
  audiences.forEach((audience, index) => {
    for (const name of audience.principals ?? []) {
      if (principals.some((principal) => principal.name === name)) continue;
      faults.add(`reports[${index}].principals`, `expected configured principals, ${name} is none`);
    }
  });
}
