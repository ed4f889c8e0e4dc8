import type SMTPConnection from 'nodemailer/lib/smtp-connection';

/** What a server answered to a command that it refused, as nodemailer tells it too. */
export class SmtpRefusal extends Error {
  override readonly name = 'SmtpRefusal';
  readonly command: string;
  readonly response: string;
  readonly responseCode: number;

  constructor(command: string, response: string) {
    super(`${command} was refused`);
    this.command = command;
    this.response = response;
    this.responseCode = codeOf(response);
  }
}

/** The reply code that an answer begins with; 0 when there is none. */
export function codeOf(response: string): number {
  return Number(/^\d{3}(?!\d)/.exec(response)?.[0] ?? 0);
}

/** Under this name of a login nodemailer lets one say anything. */
const mechanism = 'ROLLCALL';

/** Sends one line and resolves with the whole answer, whatever it is. Never settles when the connection ends before. */
export function say(connection: SMTPConnection, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    connection.customAuth.set(mechanism, async (dialogue) => {
      const { response } = await dialogue.sendCommand(line);
      dialogue.resolve();
      resolve(response);
    });
    connection.login({ method: mechanism }, (error) => {
      if (error !== null) reject(error);
    });
  });
}
