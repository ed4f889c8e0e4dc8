import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { families } from '../../src/health/families.ts';
import { ask, hasProgram } from '../support/programs.ts';
import { readPage, sectionOf, tableOf, plain } from '../readme/markdown.ts';

const folder = path.join(import.meta.dirname, '../../docs/deploy/prometheus');
const rulesFile = path.join(folder, 'rollcall.rules.yml');
const testsFile = path.join(folder, 'rollcall.rules.test.yml');

interface Rule {
  alert: string;
  expr: string;
}

interface UnitTest {
  alert_rule_test: { alertname: string; exp_alerts?: object[] }[];
}

const { groups } = parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const { tests } = parse(readFileSync(testsFile, 'utf8')) as { tests: UnitTest[] };
const looks = tests.flatMap((one) => one.alert_rule_test);

describe('the alerting rules', () => {
  it('ask for metrics that are served', () => {
    const served = families.map(({ name }) => name);
    const asked = rules.flatMap(({ expr }) => expr.match(/\brollcall_\w+/g) ?? []);
    expect(asked.length).toBeGreaterThanOrEqual(rules.length);
    expect(served).toEqual(expect.arrayContaining(asked));
  });

  it('are those that the page of operations tells', () => {
    const told = tableOf(sectionOf(readPage('docs/operations.md'), '## Alarms worth having')).map(([alert]) =>
      plain(alert),
    );
    expect(told).toEqual(rules.map(({ alert }) => alert));
  });

  it.each(rules)('$alert is tested both where it rings and where it does not', ({ alert }) => {
    const own = looks.filter(({ alertname }) => alertname === alert);
    expect(own.some(({ exp_alerts: expected }) => expected !== undefined)).toBe(true);
    expect(own.some(({ exp_alerts: expected }) => expected === undefined)).toBe(true);
  });
});

const withPromtool = test.skipIf(!hasProgram('promtool'));

withPromtool(
  'promtool finds the rules in order, and every test of them passes (skipped without promtool)',
  () => {
    expect(ask('promtool', ['check', 'rules', rulesFile])).toMatchObject({ status: 0 });
    expect(ask('promtool', ['test', 'rules', testsFile])).toMatchObject({ status: 0 });
  },
);
