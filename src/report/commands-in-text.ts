import { type Content } from './content.ts';
import { type Overview } from './overview.ts';

const asWritten = '`rollcall ';

/**
 * The same text with every command as somebody can type it: our texts write them `rollcall …`,
 * between backticks. `command` is what is typed in place of `rollcall`.
 */
export function nameCommands(text: string, command: string): string {
  return text.replaceAll(asWritten, () => `\`${command} `);
}

/** {@link nameCommands} in what we say; what others wrote, such as names, stays as it is. */
export function nameCommandsIn(content: Content, command: string): Content {
  return {
    ...content,
    alert: content.alert === null ? null : nameCommands(content.alert, command),
    paragraphs: content.paragraphs.map((paragraph) => nameCommands(paragraph, command)),
    notes: content.notes.map((note) => nameCommands(note, command)),
    steps: content.steps.map((step) => ({
      ...step,
      command: step.command === null ? null : `${command} ${step.command}`,
    })),
    ...(content.overview === undefined ? {} : { overview: nameCommandsOf(content.overview, command) }),
  };
}

function nameCommandsOf(overview: Overview, command: string): Overview {
  const attention = overview.attention.map(({ text, commands }) => ({
    text: nameCommands(text, command),
    commands: commands.map((line) => nameCommands(line, command)),
  }));
  return { ...overview, attention };
}
