import { expect, test } from 'vitest';
import { refusal } from '../../src/cloudflare/http/refusal.ts';
import { otherSource } from '../../src/domain/run.ts';
import { Secret } from '../../src/domain/secret.ts';
import { composeFailureReport } from '../../src/report/report.ts';
import { type FailedRun } from '../../src/report/told.ts';
import { lastNight, tonight, voice } from './builders.ts';

const lastComplete = { runId: 812, finishedAt: lastNight, chain: '9f2c'.repeat(16) };

function reportOn(given: Partial<FailedRun>, command = voice.command) {
  const failed: FailedRun = {
    runId: 813,
    principal: 'ops-bot',
    source: 'organizations',
    state: 'failed',
    error: 'what Cloudflare said',
    code: null,
    requests: 3,
    finishedAt: tonight,
    lastComplete,
    ...given,
  };
  return composeFailureReport(failed, { command, timezone: 'Europe/Madrid' });
}

test.each([
  ['a token that is refused', { code: 'credentials' }, 'token refused'],
  ['a key that is refused', { code: 'credentials', error: 'this Global API Key' }, 'API key refused'],
  [
    'a token that is a key',
    { code: 'credentials', error: 'That is no API token: a Global API Key goes with its email.' },
    'token refused',
  ],
  ['credentials that cannot be read', { code: 'credentials', requests: 0 }, 'credentials not usable'],
  ['a permission that is missing', { code: 'not_permitted' }, 'permission missing'],
  ['an endpoint that has ended', { code: 'ended' }, 'endpoint ended'],
  ['no answer', { code: 'unavailable' }, 'Cloudflare not reached'],
  ['a listing that does not add up', { code: 'incomplete', state: 'incomplete' }, 'listing incomplete'],
  ['a deadline', { code: 'timed_out', state: 'timed_out' }, 'timed out'],
  ['an error that nobody knows', {}, 'run failed'],
] as const)('the subject of a failure says why and since when: %s', (_what, given, why) => {
  const { subject, text } = reportOn(given);
  expect(subject).toBe(`[rollcall] ops-bot: ${why}, no snapshot since 13 Aug`);
  expect(text).toContain('There is no snapshot of ops-bot since 13 Aug 2026, 04:00 (Europe/Madrid): ');
  expect(text).toContain(`! ${'error' in given ? given.error : 'what Cloudflare said'}`);
});

test('where there never was a snapshot, a failure says so', () => {
  const { subject, text } = reportOn({ code: 'credentials', lastComplete: null });
  expect(subject).toBe('[rollcall] ops-bot: token refused, no snapshot yet');
  expect(text).toContain('There is no snapshot of ops-bot yet: Cloudflare refused the token.');
});

test('a last snapshot of another year is told with its year, and one by a clock that was ahead as such', () => {
  const at = (finishedAt: Date) => reportOn({ lastComplete: { ...lastComplete, finishedAt } });
  expect(at(new Date('2025-08-13T02:00:00Z')).subject).toContain('no snapshot since Aug 2025');
  expect(at(new Date('2026-09-13T02:00:00Z')).text).toContain('the clock of the machine was ahead');
});

test('what to type next follows, with the name of the principal as a shell takes it', () => {
  const { text } = reportOn({ principal: 'ops bot' });
  expect(text).toContain("\n    npx --no rollcall run --principal 'ops bot'\n");
  expect(text).toContain('\n    npx --no rollcall check\n');
});

test.each([
  ['memberships', '/user/organizations'],
  ['organizations', '/memberships'],
] as const)('an endpoint that has ended is told with the lines that change over to %s', (source, path) => {
  const error = refusal(
    { principal: 'ops bot', method: 'GET', path, roll: { source: otherSource(source), part: 'list' } },
    {
      status: 410,
      said: '',
      codes: [],
      isWebPage: false,
      credentials: { kind: 'token', token: new Secret('x') },
    },
  );
  const told = { principal: 'ops bot', source: otherSource(source), code: error.code, error: error.message };
  const { text, html, subject } = reportOn(told, 'docker compose exec worker rollcall');
  expect(subject).toContain('endpoint ended');
  expect(text).toContain("\n    docker compose exec worker rollcall sources --principal 'ops bot'\n");
  expect(text).toContain("\n    docker compose exec worker rollcall run --principal 'ops bot' --dry-run\n");
  expect(text).toContain('`docker compose exec worker rollcall sources` shows what would change');
  for (const written of [text, html]) {
    expect(written).toContain(`write source: ${source} under ops bot in rollcall.yaml`);
    expect(written).toContain(`ROLLCALL_SOURCE=${source}`);
    expect(written.replaceAll('docker compose exec worker rollcall', '')).not.toMatch(
      /rollcall (?:sources|run)/,
    );
  }
});

test.each(['organizations', 'memberships'] as const)(
  'an end of %s is told with the other source, whatever the words of its error',
  (source) => {
    const { text } = reportOn({ source, code: 'ended', error: `\`source: ${source}\` is gone` });
    expect(text).toContain(`write source: ${otherSource(source)} under ops-bot`);
  },
);

test('nobody is told to change over after another failure', () => {
  const { text } = reportOn({ code: 'not_permitted', error: 'Write `source: memberships`.' });
  expect(text).not.toContain('rollcall sources');
});
