import { expect, it } from 'vitest';
import { endpoints } from '../../src/simulator/endpoints.ts';
import { faultHelp, faultNames, parseFault } from '../../src/simulator/fault-names.ts';

it.each([
  ['html', { on: { path: 'list' }, fault: { kind: 'answer', status: 200, body: 'html' } }],
  ['html@2x3', { on: { path: 'list', page: 2, times: 3 } }],
  [
    'stall-body@2+x*',
    { on: { path: 'list', fromPage: 2, times: Infinity }, fault: { kind: 'stall', at: 'body' } },
  ],
  ['status=503:leave', { on: { path: 'leave' }, fault: { kind: 'answer', status: 503 } }],
  ['html:membershipsx2', { on: { path: 'memberships', times: 2 } }],
  ['gone:delete-membership', { on: { path: 'delete-membership' }, fault: { status: 410 } }],
  [
    'omit=account.name:memberships@2',
    { on: { path: 'memberships', page: 2 }, fault: { omit: ['account.name'] } },
  ],
  ['cap=10#3x2', { on: { from: 3, times: 2 }, fault: { kind: 'cap-per-page', most: 10 } }],
  ['total=-2', { fault: { kind: 'total-count', add: -2 } }],
  ['omit=name', { fault: { kind: 'fields', omit: ['name'] } }],
  ['reset:any', { on: {}, fault: { kind: 'reset', at: 'headers' } }],
])('%s is read as the fault it says', (text, rule) => {
  expect(parseFault(text)).toMatchObject(rule);
});

it.each([
  ['nonsense', 'expected a fault such as html@2x3, got "nonsense"'],
  ['html@', 'expected a fault such as html@2x3, got "html@"'],
  ['html=1', 'expected html without a value'],
  ['status=many', 'expected status with a number'],
  ['html:nowhere', 'delete-membership or any, got "nowhere"'],
  ['html:update-', 'expected a fault such as html@2x3'],
])('%s is refused with what was expected', (text, message) => {
  expect(() => parseFault(text)).toThrow(message);
});

it('every fault can be named alone, and is in the help', () => {
  for (const name of faultNames) {
    expect(parseFault(name).on).toEqual({ path: 'list' });
    expect(faultHelp).toMatch(new RegExp(`^${name}[= ]`, 'm'));
  }
});

it('every endpoint can be named, and is in the help', () => {
  for (const endpoint of endpoints) {
    expect(parseFault(`html:${endpoint}@2`).on).toEqual({ path: endpoint, page: 2 });
    expect(faultHelp).toContain(endpoint);
  }
});
