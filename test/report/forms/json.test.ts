import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ReportEvent } from '../../../src/domain/report-event.ts';
import { changeColumnNames } from '../../../src/report/columns.ts';
import { writeJson } from '../../../src/report/forms/json.ts';
import { eventJsonSchema, eventRule } from '../../../src/report/forms/json-schema.ts';
import {
  composeDigestReport,
  composeFailureReport,
  composeHeldReport,
  composeMismatchReport,
  composeRecoveryReport,
  composeReport,
  composeStaleReport,
  type Report,
} from '../../../src/report/report.ts';
import { scopeOf, wholeScope } from '../../../src/report/scope.ts';
import { aChange, aFirstRun, aRun, changesOf, lastNight, tonight, voice, quietNights } from '../builders.ts';

const chain = '9f2c'.repeat(16);
const lastComplete = { runId: 811, finishedAt: lastNight, chain };
const failed = {
  runId: 812,
  principal: 'ops bot',
  source: 'organizations',
  state: 'failed',
  code: null,
  requests: 1,
  error: 'token refused',
  finishedAt: tonight,
  lastComplete,
} as const;
const nights = quietNights({
  complete: 6,
  failed: 1,
  changes: [
    {
      kind: 'joined',
      category: 'membership',
      count: 2,
      added: [],
      removed: [],
      offered: [],
      superAdministrator: null,
    },
    {
      kind: 'joined',
      category: 'membership',
      count: 3,
      added: [],
      removed: [],
      offered: [],
      superAdministrator: null,
    },
  ],
  invited: 4,
});

function some(report: Report | null): Report {
  if (report === null) throw new Error('expected a report');
  return report;
}

/** The event, once what the published schema says of it has been seen to be all of it. */
function read(report: Report | null): ReportEvent {
  const event = JSON.parse(writeJson(some(report).event)) as ReportEvent;
  expect(eventRule.parse(event)).toEqual(event);
  return event;
}

const changes = [
  aChange('left', { removed: ['Super Administrator - All Privileges'], organizationName: 'Acme' }),
  aChange('invited', {
    id: 2,
    offered: ['Billing'],
    invitedBy: 'a@example.com',
    invitedOn: lastNight,
    expiresOn: tonight,
  }),
];

describe('a report as JSON says what the mail says', () => {
  test('of changes: the run with its window, what is counted and what is listed, by the names of the CSV', () => {
    const report = some(composeReport(aRun(), { changes }, voice));
    const event = read(report);
    expect(event).toMatchObject({
      schema: 1,
      type: 'rollcall.changes',
      timestamp: tonight.toISOString(),
      data: {
        subject: report.subject,
        headline: expect.stringContaining('Super Administrator') as string,
        reason: null,
        principal: 'ops-bot',
        run: {
          id: 812,
          state: 'complete',
          baseline_run_id: 811,
          not_before: lastNight.toISOString(),
          not_after: tonight.toISOString(),
          chain,
        },
        counts: { left: 1, invited: 1 },
        changes_left_out: 0,
        csv: { filename: report.csv?.filename, sha256: report.csv?.sha256 },
      },
    });
    expect(event.data.changes.map((change) => Object.keys(change))).toEqual([
      changeColumnNames,
      changeColumnNames,
    ]);
    expect(event.data.changes).toMatchObject([
      { kind: 'left', removed: ['Super Administrator - All Privileges'], super_administrator: 'lost' },
      { kind: 'invited', offered: ['Billing'], invited_on: lastNight.toISOString() },
    ]);
  });

  test('of some of the changes: these, and not where the principal stands', () => {
    const findings = { changes: changes.slice(1), scope: scopeOf([{ categories: ['invitation'] }]) };
    expect(read(composeReport(aRun(), findings, voice)).data).toMatchObject({
      counts: { invited: 1 },
      run: { id: 812, members: null, invited: null, other: null },
    });
  });

  test('of a baseline: where the principal stands', () => {
    const report = some(composeReport(aFirstRun(), { changes: [] }, voice));
    expect(read(report)).toMatchObject({
      type: 'rollcall.baseline',
      data: {
        run: { id: 1, baseline_run_id: null, not_before: null, members: 124, invited: 4 },
        counts: {},
        changes: [],
        csv: { filename: report.csv?.filename, sha256: report.csv?.sha256 },
      },
    });
  });

  test('of a held run: the suspects, which have no id yet, and the commands that decide', () => {
    const held = { ...aRun(), reason: 'lost 40 of 128', firstRunId: 810 };
    const suspects = [aChange('left', { id: null })];
    expect(read(composeHeldReport(held, suspects, voice))).toMatchObject({
      type: 'rollcall.held',
      data: {
        reason: 'lost 40 of 128',
        run: { state: 'held' },
        changes: [{ change_id: null }],
        do_next: ['npx --no rollcall approve 810', 'npx --no rollcall reject 810'],
      },
    });
  });

  test('of trouble: the cause, the last complete run, and what tells more', () => {
    expect(read(composeFailureReport(failed, voice))).toMatchObject({
      type: 'rollcall.failure',
      data: {
        reason: 'token refused',
        run: { id: 812, state: 'failed', chain: null },
        last_complete: { id: 811, finished_at: lastNight.toISOString(), chain },
        do_next: expect.arrayContaining(['npx --no rollcall check']) as string[],
      },
    });
    const stale = { principal: 'ops bot', since: lastNight, at: tonight, lastComplete: null, missedRuns: 2 };
    expect(read(composeStaleReport(stale, voice)).data).toMatchObject({
      run: null,
      last_complete: null,
      reason: null,
      do_next: expect.arrayContaining([
        "npx --no rollcall runs --principal 'ops bot'",
        'npx --no rollcall check',
      ]) as string[],
    });
    const mismatched = {
      principal: 'ops-bot',
      found: ['run 7: its rows'],
      lastMatching: lastComplete,
      at: tonight,
    };
    expect(read(composeMismatchReport(mismatched, voice)).data).toMatchObject({
      last_complete: { id: 811 },
      reason: 'run 7: its rows',
      do_next: ['npx --no rollcall verify --principal ops-bot'],
    });
    expect(read(composeRecoveryReport(aRun(), wholeScope, voice)).type).toBe('rollcall.recovery');
  });

  test('of a digest: the nights of each principal', () => {
    const digest = { from: lastNight, to: tonight, principals: [nights], inner: null };
    expect(read(composeDigestReport(digest, voice))).toMatchObject({
      type: 'rollcall.digest',
      data: {
        principal: null,
        run: null,
        principals: [{ principal: 'ops-bot', complete: 6, failed: 1, counts: { joined: 5 } }],
      },
    });
  });
});

describe('however much there is to tell', () => {
  test('2,000 changes are listed, and the others counted', () => {
    const many = read(composeReport(aRun(), { changes: changesOf('joined', 2_003) }, voice));
    expect(many.data).toMatchObject({ counts: { joined: 2_003 }, changes_left_out: 3 });
    expect(many.data.changes).toHaveLength(2_000);
  });

  test('a list is no longer than a megabyte', () => {
    const long = changesOf('permissions_changed', 500).map((change) => ({
      ...change,
      added: ['x'.repeat(10_000)],
    }));
    const json = writeJson(some(composeReport(aRun(), { changes: long }, voice)).event);
    const { data } = JSON.parse(json) as ReportEvent;
    expect(Buffer.byteLength(json)).toBeLessThan(1_010_000);
    expect(data.changes.length).toBeGreaterThan(50);
    expect(data.changes.length + data.changes_left_out).toBe(500);
  });

  test('2,000 principals of a digest are told one by one, and the others counted', () => {
    const principals = Array.from({ length: 2_001 }, (_, number) => ({
      ...nights,
      principal: `bot-${number}`,
    }));
    const { data } = read(
      composeDigestReport({ from: lastNight, to: tonight, principals, inner: null }, voice),
    );
    expect([data.principals.length, data.principals_left_out]).toEqual([2_000, 1]);
  });
});

test.each([
  ['markup', '<script>alert(1)</script> & "quotes" \\'],
  ['what turns a line around', 'a\u202Eb\u2028c\r\nBcc: x@example.com'],
  ['half a character and NUL', 'a\uD83Db\0c'],
  ['a formula', '=HYPERLINK("https://phish.example")'],
  ['much', '👩‍💻'.repeat(10_000)],
])('a name of %s comes through as it is', (_, name) => {
  const report = composeReport(
    aRun(),
    { changes: [aChange('renamed', { organizationName: name, after: name })] },
    voice,
  );
  expect(read(report).data.changes).toMatchObject([{ organization_name: name, after: name }]);
});

test('rollcall.webhook.schema.json is what is sent; `npm run schema` writes it anew', () => {
  const file = path.join(import.meta.dirname, '../../../rollcall.webhook.schema.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(eventJsonSchema())));
});

/** What of a value a JSON Schema of this kind does not allow: types, what is required, and fields that it does not know. */
function faultsIn(value: unknown, schema: Schema, at = '$'): string[] {
  const { $ref, anyOf, type, properties, required = [], items, enum: allowed, const: only } = schema;
  if ($ref !== undefined) return faultsIn(value, resolve($ref), at);
  if (anyOf !== undefined) {
    const tried = anyOf.map((one) => faultsIn(value, one, at));
    return tried.find((faults) => faults.length === 0) ?? tried.flat();
  }
  if (only !== undefined) return value === only ? [] : [`${at}: not ${only}`];
  if (allowed !== undefined && !allowed.includes(value)) return [`${at}: none of ${allowed.join()}`];
  if (type !== undefined && !isOfType(value, type)) return [`${at}: not of type ${String(type)}`];
  if (Array.isArray(value))
    return value.flatMap((one, index) => faultsIn(one, items ?? {}, `${at}[${index}]`));
  if (typeof value !== 'object' || value === null || properties === undefined) return [];
  return [
    ...required.filter((key) => !(key in value)).map((key) => `${at}.${key}: missing`),
    ...Object.entries(value).flatMap(([key, inner]) => {
      const rule = properties[key];
      return rule === undefined ? [`${at}.${key}: unknown`] : faultsIn(inner, rule, `${at}.${key}`);
    }),
  ];
}

interface Schema {
  $ref?: string;
  anyOf?: Schema[];
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: string | number;
}

function isOfType(value: unknown, type: string | readonly string[]): boolean {
  if (typeof type !== 'string') return type.some((one) => isOfType(value, one));
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type && value !== null && !Array.isArray(value);
}

function resolve(reference: string): Schema {
  const found = reference
    .replace(/^#\//, '')
    .split('/')
    .reduce((at: unknown, key) => (at as Record<string, unknown>)[key], eventJsonSchema());
  return found as Schema;
}

test('the published schema has every field that is sent, and says which are always there', () => {
  const published = eventJsonSchema() as Schema;
  const held = { ...aRun(), reason: 'lost 40 of 128', firstRunId: 810 };
  const reports = [
    composeReport(aRun(), { changes }, voice),
    composeReport(aFirstRun(), { changes: [] }, voice),
    composeHeldReport(held, changes, voice),
    composeFailureReport(failed, voice),
    composeDigestReport({ from: lastNight, to: tonight, principals: [nights], inner: null }, voice),
  ];
  for (const report of reports)
    expect(faultsIn(JSON.parse(writeJson(some(report).event)), published)).toEqual([]);
  const { data: _, ...without } = read(reports[0] ?? null);
  expect(faultsIn({ ...without, type: 'other', more: 1 }, published)).toHaveLength(3);
});
