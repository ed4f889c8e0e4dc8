import { expect, test } from 'vitest';
import { sealOf } from '../../src/domain/seal.ts';

const report = { id: 7, kind: 'digest', subject: '[rollcall] digest' };

test('what was sealed before there was a column keeps its seal, since the column says nothing of it', () => {
  expect(sealOf('reports', { ...report, json: null })).toBe(sealOf('reports', report));
});

test('what a report says as JSON is sealed', () => {
  expect(sealOf('reports', { ...report, json: '{}' })).not.toBe(sealOf('reports', report));
});
