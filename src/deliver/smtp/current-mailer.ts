import { describeError } from '../../domain/errors.ts';
import { type Secret } from '../../domain/secret.ts';
import { readSource, type Source } from '../../domain/source.ts';
import { type Mailer } from '../mailer.ts';

/**
 * A mailer for the URL that is given, or for the one that is read before each mail, so that a password which is replaced
 * in its file is the next mail's. A URL that cannot be read leaves the mail to be sent.
 */
export function openSmtpMailer(source: Source<Secret>, create: (url: Secret) => Mailer): Mailer {
  if (typeof source !== 'function') return create(source);
  const opened = new Map<string, Mailer>();
  const current = (): Mailer => {
    const url = readSource(source);
    const mailer = opened.get(url.reveal()) ?? create(url);
    opened.set(url.reveal(), mailer);
    return mailer;
  };
  return {
    describe: current().describe,
    async send(mail) {
      let mailer;
      try {
        mailer = current();
      } catch (error) {
        return { outcome: 'retry', error: describeError(error), isServerAway: true };
      }
      return mailer.send(mail);
    },
    verify: async () => current().verify(),
    async close() {
      await Promise.all([...opened.values()].map((mailer) => mailer.close()));
    },
  };
}
