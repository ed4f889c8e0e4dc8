import { markup } from '../domain/markup.ts';
import { type AddressedReport } from './addressed.ts';

const asWritten = '`rollcall ';

/**
 * The same text with every command as somebody can type it: our texts write them `rollcall …`,
 * between backticks. `command` is what is typed in place of `rollcall`.
 */
export function nameCommands(text: string, command: string): string {
  return text.replaceAll(asWritten, () => `\`${command} `);
}

/** {@link nameCommands} in what is mailed; the CSV, which holds what others wrote, stays as it is. */
export function nameCommandsIn(report: AddressedReport, command: string): AddressedReport {
  return {
    ...report,
    text: nameCommands(report.text, command),
    html: nameCommands(report.html, markup`${command}`.source),
  };
}
