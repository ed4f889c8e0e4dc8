import { expect } from 'vitest';
import { type Database } from '../../src/database/database.ts';
import { deliveries, reports, runs } from '../../src/database/schema.ts';

/** What a terminal, a mail or a log must not be given: controls, halves of characters, and what turns a line around. */
export const hiddenCharacter = /[\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u2069]/u;

/**
 * That every run has ended, and that what is told of it (not the history, which is data) has no hidden character. Returns
 * the runs and the reports, oldest first.
 */
export async function expectSettled(db: Database) {
  const ended = await db.select().from(runs).orderBy(runs.id);
  const told = await db.select().from(reports).orderBy(reports.id);
  const owed = await db.select().from(deliveries);
  for (const { state, error, conclusion, cloudflareUserId, proof } of ended) {
    expect(state).not.toBe('running');
    const problems = (proof ?? []).map(({ problem }) => problem ?? '');
    for (const text of [error ?? '', conclusion ?? '', cloudflareUserId ?? '', ...problems]) {
      expect(text).not.toMatch(hiddenCharacter);
      expect(text.length).toBeLessThan(6_000);
    }
  }
  for (const { subject, text, html, csvFilename } of told) {
    for (const line of [subject, csvFilename ?? '', ...text.split('\n'), ...html.split('\n')]) {
      expect(line).not.toMatch(hiddenCharacter);
    }
    expect(text.length + html.length).toBeLessThan(1_000_000);
  }
  expect(owed.map(({ state }) => state)).toEqual(owed.map(() => 'pending'));
  return { runs: ended, reports: told };
}
