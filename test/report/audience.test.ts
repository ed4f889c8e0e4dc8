import { expect, test } from 'vitest';
import { planReports } from '../../src/report/audience.ts';
import { aChange, aFirstRun, aRun } from './builders.ts';

const left = aChange('left', { id: 1 });
const invited = aChange('invited', { id: 2 });
const both = ['membership', 'invitation'] as const;

test('recipients without filters share one report of everything', () => {
  const groups = planReports(aRun(), [left, invited], [{ to: ['a@example.com', 'b@example.com'] }]);
  expect(groups).toEqual([
    { recipients: ['a@example.com', 'b@example.com'], categories: both, changes: [left, invited] },
  ]);
});

test('an audience of other principals gets nothing', () => {
  expect(planReports(aRun(), [left], [{ to: ['a@example.com'], principals: ['legacy'] }])).toEqual([]);
});

test('a recipient gets the categories of every audience that matches, once', () => {
  const groups = planReports(
    aRun(),
    [left, invited],
    [
      { to: ['a@example.com'], categories: ['invitation'] },
      { to: ['b@example.com'], categories: ['invitation'] },
      { to: ['A@Example.com'], principals: ['ops-bot'], categories: ['membership'] },
      { to: ['a@example.com'], principals: ['legacy'] },
    ],
  );
  expect(groups).toEqual([
    { recipients: ['a@example.com'], categories: both, changes: [left, invited] },
    { recipients: ['b@example.com'], categories: ['invitation'], changes: [invited] },
  ]);
});

test('an address is one recipient whatever its case, in its first spelling', () => {
  const [group] = planReports(aRun(), [left], [{ to: ['Ops@example.com', ' ops@EXAMPLE.com '] }]);
  expect(group?.recipients).toEqual(['Ops@example.com']);
});

test('the order in which categories are configured makes no second report', () => {
  const groups = planReports(
    aRun(),
    [left],
    [
      { to: ['a@example.com'], categories: ['invitation', 'membership'] },
      { to: ['b@example.com'], categories: ['membership', 'invitation'] },
    ],
  );
  expect(groups).toHaveLength(1);
});

test('those whose categories did not change get no report', () => {
  expect(planReports(aRun(), [left], [{ to: ['a@example.com'], categories: ['invitation'] }])).toEqual([]);
});

test('a quiet night is a report to nobody', () => {
  expect(planReports(aRun(), [], [{ to: ['a@example.com'] }])).toEqual([]);
});

test('a baseline concerns everybody who reads of the principal, whatever their categories', () => {
  const groups = planReports(
    aFirstRun(),
    [],
    [
      { to: ['a@example.com'], categories: ['invitation'] },
      { to: ['b@example.com'] },
      { to: ['c@example.com'], principals: ['legacy'] },
    ],
  );
  expect(groups).toEqual([{ recipients: ['a@example.com', 'b@example.com'], categories: both, changes: [] }]);
});

test('a baseline without readers is a report to nobody', () => {
  expect(planReports(aFirstRun(), [], [])).toEqual([]);
});
