import { type Mail, type Mailer, type SendOutcome } from './mailer.ts';

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
  const note = `<p style="${noteStyle}"><strong>${why}</strong> <code>${escapeHtml(printing)}</code> prints it, byte for byte.</p>`;
  return {
    ...mail,
    attachment: null,
    text: `! ${why} \`${printing}\` prints it, byte for byte.\n\n${mail.text}`,
    html: putFirst(mail.html, note),
  };
}

/** The same mail without its file, for somebody whose route has it so: how to get that is said at the end. */
export function withoutUnwantedFile(mail: Mail, printing: string): Mail {
  if (mail.attachment === null) return mail;
  const why = 'The CSV is not with this mail, as the configuration has it (csv: false).';
  const note = `<p style="${noteStyle}">${why} <code>${escapeHtml(printing)}</code> prints it, byte for byte.</p>`;
  return {
    ...mail,
    attachment: null,
    text: `${mail.text.trimEnd()}\n\n${why} \`${printing}\` prints it, byte for byte.\n`,
    html: putLast(mail.html, note),
  };
}

const noteStyle = 'margin:0;padding:16px 20px;font-family:Helvetica,Arial,sans-serif;font-size:15px';

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Within the body where there is one, before all else. */
function putFirst(html: string, note: string): string {
  const start = /<body[^>]*>/i.exec(html);
  const end = start === null ? 0 : start.index + start[0].length;
  return `${html.slice(0, end)}\n${note}${html.slice(end)}`;
}

/** Within the body where there is one, after all else. */
function putLast(html: string, note: string): string {
  const end = html.search(/<\/body>(?![^]*<\/body>)/i);
  return end === -1 ? `${html}\n${note}` : `${html.slice(0, end)}${note}\n${html.slice(end)}`;
}
