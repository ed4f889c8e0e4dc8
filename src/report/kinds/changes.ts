import { type Category, type Change, categories as allCategories } from '../../domain/change.ts';
import { type Content } from '../content.ts';
import { remarksOn } from '../remarks.ts';
import { type ReportedRun } from '../told.ts';
import { planSections } from '../sections.ts';
import { standingOf } from '../standing.ts';
import { visible } from '../../domain/visible.ts';
import { countByKind, describeSuperAdministrator, formatTime } from '../wording.ts';

/** What changed between the baseline and this snapshot. */
export function composeChanges(
  run: ReportedRun,
  changes: readonly Change[],
  categories: readonly Category[],
): Omit<Content, 'foot'> {
  return {
    headline: `${visible(run.principal)}: ${[describeSuperAdministrator(changes), countByKind(changes)].filter(Boolean).join(', ')}`,
    alert: alertAbout(changes),
    paragraphs: [whenOf(run), ...remarksOn(run), ...scopeOf(categories), standingOf(run)],
    sections: planSections(changes),
  };
}

function whenOf({ window, conclusion }: ReportedRun): string {
  if (window === null) return `What it rests on: ${conclusion}.`;
  const { notBefore, notAfter } = window;
  return (
    `This happened between ${formatTime(notBefore)} and ${formatTime(notAfter)} (UTC). ` +
    `What it rests on: ${conclusion}.`
  );
}

function scopeOf(categories: readonly Category[]): string[] {
  if (allCategories.every((category) => categories.includes(category))) return [];
  return [`You get changes of these categories only: ${categories.join(', ')}.`];
}

function alertAbout(changes: readonly Change[]): string | null {
  const told = describeSuperAdministrator(changes);
  return told === '' ? null : `${told}.`;
}
