import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { composeHeldReport, composeReport, composeStaleReport } from '../../src/report/report.ts';
import { type Voice } from '../../src/report/voice.ts';
import { aChange, aRun, voice } from './builders.ts';

const command = `ssh "audit & co" '$HOME/rollcall'`;
const inHtml = 'ssh &quot;audit &amp; co&quot; &#39;$HOME/rollcall&#39;';

const silence = {
  principal: "ops bot's",
  since: new Date(0),
  at: new Date(86_400_000),
  lastComplete: null,
  missedRuns: 2,
};

const compose = {
  held: (as: Voice) =>
    composeHeldReport({ ...aRun(), reason: 'much is gone', firstRunId: 75 }, [aChange('left')], as),
  baseline: (as: Voice) => composeReport({ ...aRun(), baselineRunId: null }, { changes: [] }, as),
  silence: (as: Voice) => composeStaleReport(silence, as),
};

test.each([
  ['held', ['approve 75', 'reject 75']],
  ['baseline', ['members --principal ops-bot']],
  ['silence', ["runs --principal 'ops bot'\\''s'", 'check']],
] as const)(
  'a report of %s names its commands as they can be typed, in text and in HTML',
  (kind, commands) => {
    const report = compose[kind]({ ...voice, command });
    if (report === null) throw new Error('there is no report');
    const { text, html, csv } = report;
    for (const one of commands) {
      expect(text).toContain(`    ${command} ${one}\n`);
      expect(html).toContain(`>${inHtml} ${one.replaceAll("'", '&#39;')}</code>`);
    }
    expect(text + html).not.toMatch(/(?<!--no )rollcall (?:approve|runs|members|check)/);
    expect(csv).toEqual(compose[kind](voice)?.csv);
  },
);

test('every command that a report names stands between backticks, where it is made ready to be typed', () => {
  const root = path.join(import.meta.dirname, '../../src');
  const sources = globSync(['report/**/*.ts', 'domain/**/*.ts', 'pipeline/**/*.ts'], { cwd: root });
  expect(sources.length).toBeGreaterThan(40);
  const words = 'approve|reject|check|members|changes|runs|reports|run|migrate|principals|sql|worker';
  const bare = new RegExp(`(?<!\`)\\brollcall (?:${words})\\b`);
  const faulty = sources.filter((file) => bare.test(readFileSync(path.join(root, file), 'utf8')));
  expect(faulty).toEqual([]);
});
