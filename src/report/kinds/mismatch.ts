import { visible } from '../../domain/visible.ts';
import { shellWord } from '../../domain/shell-word.ts';
import { type Content } from '../content.ts';
import { type CompleteRun } from '../told.ts';

/** A history that is not the one that was recorded. */
export interface MismatchedHistory {
  principal: string;
  /** Which run does not match, and what of it; a line for each. */
  found: readonly string[];
  /** The newest complete run that matches; `null` where none does. */
  lastMatching: CompleteRun | null;
  /** When it was found. */
  at: Date;
}

/** Rows that somebody altered, or a disk: told, so that nobody believes them. */
export function composeMismatch({
  principal,
  found,
  lastMatching,
}: MismatchedHistory): Omit<Content, 'foot'> {
  const name = visible(principal);
  const last =
    lastMatching === null
      ? 'No complete run matches.'
      : `The last complete run that matches is ${lastMatching.runId}: what was recorded up to it can be believed.`;
  return {
    subject: `${name}: the history does not match what was recorded`,
    preheader: last,
    headline: `The history of ${name} does not match what was recorded.`,
    alert: found.map((line) => visible(line, 1000)).join('; '),
    steps: [{ text: 'See it again', command: `verify --principal ${shellWord(principal)}`, href: null }],
    paragraphs: [
      `Somebody changed rows of the database past rollcall, or they were damaged. ${last}`,
      'Compare with a backup from before, and see who may write to the database. Runs go on, and what they find is reported.',
    ],
    sections: [],
    notes: ['While this lasts, a report like this comes once a week.'],
  };
}
