import { describe, expect, it } from 'vitest';
import { changeKinds } from '../../src/domain/change.ts';
import { readCsv } from '../../src/domain/csv-reading.ts';
import { reportKinds } from '../../src/domain/report.ts';
import { writeJson } from '../../src/report/forms/json.ts';
import { composeSample } from '../../src/report/sample.ts';
import { voice } from './builders.ts';

const samples = composeSample('ops-bot', voice);
const [header = [], ...rows] = readCsv(
  samples.find(({ title }) => title === 'changes')?.csv?.content.slice(1) ?? '',
);

function valuesOf(column: string): string[] {
  return [...new Set(rows.map((row) => row[header.indexOf(column)] ?? ''))].sort();
}

describe('the sample', () => {
  it('has every kind of report that is ever sent', () => {
    // No report is sent after a quiet night.
    const sent = reportKinds.filter((kind) => kind !== 'quiet');
    expect([...new Set(samples.map(({ kind }) => kind))].sort()).toEqual(sent.toSorted());
    expect(new Set(samples.map(({ title }) => title)).size).toBe(samples.length);
  });

  it('has every kind of change, and all that may happen to Super Administrator', () => {
    expect(valuesOf('kind')).toEqual(changeKinds.toSorted());
    expect(valuesOf('super_administrator')).toEqual(['', 'gained', 'lost', 'offer_gone', 'offered']);
  });

  it('tells each organization by an id of its own, as Cloudflare has them', () => {
    const ids = rows.map((row) => row[header.indexOf('organization_id')]);
    expect(new Set(ids).size).toBe(rows.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is always the same, and of the principal that is named', () => {
    const written = (all: typeof samples) =>
      all.map((sample) => ({ ...sample, json: writeJson(sample.event) }));
    expect(written(composeSample('ops-bot', voice))).toEqual(written(samples));
    for (const { subject, text } of composeSample('équipe sécurité', voice)) {
      expect(subject + text).toContain('équipe sécurité');
      expect(subject + text).not.toContain('ops-bot');
    }
  });
});
