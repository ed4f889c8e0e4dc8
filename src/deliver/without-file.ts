import { markup } from '../domain/markup.ts';
import { type Mail, type Mailer, type SendOutcome } from './mailer.ts';
import { withLastNote, withNote } from './note.ts';

/**
 * Sends a mail and, where the server takes it only without its file, once more without it, under the same Message-ID, and
 * naming the command that prints the file. What the server takes is found out at each attempt, so that nothing needs to be known of the one before.
 */
export async function sendAsItFits(mailer: Mailer, mail: Mail, printing: string): Promise<SendOutcome> {
  const whole = await mailer.send(mail);
  if (whole.outcome !== 'refused' || whole.isTooLarge !== true || mail.attachment === null) return whole;
  const rest = await mailer.send(withoutLargeFile(mail, printing));
  return rest.outcome === 'sent'
    ? { ...rest, withoutFile: whole.error }
    : { ...rest, error: `${rest.error}; that was without its file, for with it: ${whole.error}` };
}

/** The same mail without its file, saying first how to get that: somebody may wait for it. */
function withoutLargeFile(mail: Mail, printing: string): Mail {
  const why = 'The CSV is not with this mail, which would be too large for the mail server with it.';
  return withNote(
    { ...mail, attachment: null },
    {
      text: `! ${why} \`${printing}\` prints it, byte for byte.`,
      html: markup`<strong>${why}</strong> <code>${printing}</code> prints it, byte for byte.`.source,
    },
  );
}

/** The same mail without its file, for somebody whose route has it so: how to get that is said at the end. */
export function withoutUnwantedFile(mail: Mail, printing: string): Mail {
  if (mail.attachment === null) return mail;
  const why = 'The CSV is not with this mail, as the configuration has it (csv: false).';
  return withLastNote(
    { ...mail, attachment: null },
    {
      text: `${why} \`${printing}\` prints it, byte for byte.`,
      html: markup`${why} <code>${printing}</code> prints it, byte for byte.`.source,
    },
  );
}
