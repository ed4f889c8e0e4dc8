import { type Mail } from './mailer.ts';

/** A line of ours beside what a report says. */
export interface Note {
  text: string;
  /** The same as HTML, within a paragraph. */
  html: string;
}

const style = 'margin:0;padding:16px 20px;font-family:Helvetica,Arial,sans-serif;font-size:15px';

/** The same mail with a note before all else. */
export function withNote(mail: Mail, { text, html }: Note): Mail {
  return {
    ...mail,
    text: `${text}\n\n${mail.text}`,
    html: putFirst(mail.html, `<p style="${style}">${html}</p>`),
  };
}

/** The same mail with a note after all else. */
export function withLastNote(mail: Mail, { text, html }: Note): Mail {
  return {
    ...mail,
    text: `${mail.text.trimEnd()}\n\n${text}\n`,
    html: putLast(mail.html, `<p style="${style}">${html}</p>`),
  };
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
