import { parse } from 'csv-parse/sync';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { describeProblems } from '../../src/cloudflare/http/envelope.ts';
import { changeKinds } from '../../src/domain/change.ts';
import { Secret } from '../../src/domain/secret.ts';
import {
  composeFailureReport,
  composeHeldReport,
  composeReport,
  type Report,
} from '../../src/report/report.ts';
import { aChange, aRun, tonight, voice } from './builders.ts';

/** What somebody may call an organization, a role or themselves whose link is to be followed. */
const addresses = [
  'http://phish.example/login',
  'Verify at https://acme.com.phish.ru/?a=b',
  'www.phish.com',
  'phish.com',
  'ftp://phish.com',
  'mailto:help@phish.com',
  'help@phish.com',
  'пример.рф',
  'http://192.0.2.7:8080/',
  '//phish.com',
  String.raw`\\phish.com\share`,
];

const attack = addresses.join(' ');

/** Every kind of change, with addresses wherever there is text from outside. */
const changes = changeKinds.map((kind) =>
  aChange(kind, {
    organizationName: attack,
    before: kind === 'renamed' || kind === 'parent_changed' ? attack : null,
    after: kind === 'status_changed' || kind === 'parent_changed' ? `${attack} (${attack})` : null,
    added: addresses,
    removed: addresses,
    offered: addresses,
    invitedBy: attack,
  }),
);

const failed = {
  runId: 7,
  principal: 'ops-bot',
  source: 'organizations',
  state: 'failed',
  finishedAt: tonight,
  lastComplete: null,
} as const;

const reports: readonly (readonly [string, Report | null])[] = [
  ['of changes', composeReport(aRun(), { changes }, voice)],
  ['that is held', composeHeldReport({ ...aRun(), reason: attack, firstRunId: 7 }, changes, voice)],
  [
    'of a failure',
    composeFailureReport(
      {
        ...failed,
        code: null,
        requests: 1,
        error: `403 (${describeProblems([{ code: 9109, message: attack }], new Secret('the-secret'))})`,
      },
      voice,
    ),
  ],
];

/** As a mail program makes links of plain text, by another's rules than ours. */
async function linksIn(text: string): Promise<string[]> {
  const source = Buffer.from(`Content-Type: text/plain; charset=utf-8\r\n\r\n${text}`);
  const { textAsHtml = '' } = await simpleParser(source);
  return [...textAsHtml.matchAll(/<a [^>]*>/g)].map(([link]) => link);
}

/** The members of an organization at Cloudflare: our own link, made of an id. */
const toDashboard = /^<a href="https:\/\/dash\.cloudflare\.com\/[0-9a-f]{32}\/members">$/;

function visibleText(html: string): string {
  const body = html.replace(/^[^]*<body/, '<body');
  return body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

describe.each(reports)('a report %s', (_, report) => {
  it('has no link that a stranger put there, be it in its subject, its text or its HTML', async () => {
    for (const text of [report?.subject ?? '', report?.text ?? '', visibleText(report?.html ?? '')]) {
      expect((await linksIn(text)).filter((link) => !toDashboard.test(link))).toEqual([]);
    }
    const others = report?.html.replaceAll(
      /<a class="link" href="https:\/\/dash\.cloudflare\.com\/[0-9a-f]{32}\/members"/g,
      '',
    );
    expect(others).not.toMatch(/<a\b|https?:\/\//);
    expect(report?.html).toContain('name="format-detection"');
  });

  it('still says what the stranger wrote', () => {
    for (const body of [report?.text, visibleText(report?.html ?? '')]) {
      expect(body).toContain('http[://]phish[.]example/login');
      expect(body).toContain('help[@]phish[.]com');
    }
  });
});

it('the same text unchanged would be full of links, which is what makes it a test', async () => {
  expect((await linksIn(attack)).length).toBeGreaterThan(5);
});

it('the CSV has every name as it is, for it is data', () => {
  const [, report] = reports[0] ?? [];
  const rows = parse<Record<string, string>>(report?.csv?.content ?? '', { columns: true, bom: true });
  expect(rows).toHaveLength(changes.length);
  for (const row of rows) expect([row['organization_name'], row['invited_by']]).toEqual([attack, attack]);
});
