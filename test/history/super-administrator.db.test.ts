import fc from 'fast-check';
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { namesSuperAdministrator, superAdministratorSpellings } from '../../src/domain/access.ts';
import { storableText } from '../../src/domain/membership.ts';
import { policyLine } from '../../src/domain/policy.ts';
import { namesSuperAdministratorSql } from '../../src/history/super-administrator.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

interface Given {
  roles: string[] | null;
  policies: string[] | null;
}

/** What the database says of each of these. */
async function askOf(cases: readonly Given[]): Promise<boolean[]> {
  const set = (name: string) => sql`(
    case when one -> ${name} <> 'null'::jsonb then array(select jsonb_array_elements_text(one -> ${name})) end
  )`;
  const rows = await queryRows<{ told: boolean }>(
    database.db,
    sql`
      select ${namesSuperAdministratorSql(set('roles'), set('policies'))} as told
      from jsonb_array_elements(${JSON.stringify(cases)}::jsonb) with ordinality as given (one, place) order by place`,
  );
  return rows.map(({ told }) => told);
}

const blanks = [
  ' ',
  '\t',
  '\n',
  '\v',
  '\f',
  '\r',
  '\u00A0',
  '\u1680',
  '\u2009',
  '\u2028',
  '\u3000',
  '\uFEFF',
];
const blank = fc.constantFrom('', '', ...blanks);

/** The role, in any spelling and case, and what looks like it. */
const alike = fc
  .tuple(
    blank,
    fc.constantFrom(...superAdministratorSpellings),
    fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => text.toUpperCase(),
      (text) => text.replace('super', 'Super'),
      (text) => text.replace('min', 'mİn'),
      (text) => text.replace('s', 'ſ'),
      (text) => text.replace(' ', '\u00A0'),
    ),
    fc.constantFrom(
      '',
      '',
      '',
      ...blanks,
      ' on',
      ' on the Moon',
      ', DNS',
      '"',
      '\\',
      '\\t',
      '; ',
      '}',
      '\u180E',
      '.',
    ),
  )
  .map(([before, spelling, spell, after]) => `${before}${spell(spelling)}${after}`);

const name = fc.oneof(
  { weight: 3, arbitrary: alike },
  fc.constantFrom(
    'DNS',
    'on',
    'on call',
    'nothing',
    '',
    ' on ',
    'allow',
    'a on on b',
    '\\u000b',
    '"Super Administrator"',
  ),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);

const policy = fc
  .record({
    access: fc.constantFrom('allow', 'allow', 'allow', 'deny', 'Allow', 'allow on'),
    groups: fc.array(name, { maxLength: 3 }),
    resources: fc.array(fc.record({ name, key: name, objects: fc.array(name, { maxLength: 2 }) }), {
      maxLength: 2,
    }),
  })
  .map(policyLine);

const line = fc.oneof(
  { weight: 5, arbitrary: policy },
  alike,
  alike.map((text) => `allow ${text}`),
  alike.map((text) => `allow ${text} on x`),
);

const given = fc.record({
  roles: fc.option(fc.array(name, { maxLength: 2 })),
  policies: fc.option(fc.array(line, { maxLength: 3 })),
});

const stored = (texts: string[] | null) => texts?.map(storableText) ?? null;

it('the database tells Super Administrator by role and by policy as the reports do, whatever the names', async () => {
  const cases = fc
    .sample(given, { numRuns: 4_000, seed: 7 })
    .map(({ roles, policies }) => ({ roles: stored(roles), policies: stored(policies) }));
  const expected = cases.map(namesSuperAdministrator);
  const told = await askOf(cases);

  expect(cases.filter((_, index) => told[index] !== expected[index])).toEqual([]);
  const byPolicyAlone = cases.filter(
    ({ policies }, index) =>
      expected[index] === true &&
      !namesSuperAdministrator({ roles: cases[index]?.roles ?? [] }) &&
      policies !== null,
  );
  expect(byPolicyAlone.length).toBeGreaterThan(300);
  expect(expected.filter((one) => !one).length).toBeGreaterThan(300);
});

it('a group that is written as words of the line is itself, and no other', () => {
  const allowing = (...groups: string[]) =>
    namesSuperAdministrator({ policies: [policyLine({ access: 'allow', groups, resources: [] })] });

  expect(allowing('Super Administrator', 'on call')).toBe(true);
  expect(allowing('DNS', 'on', 'Super Administrator')).toBe(true);
  expect(allowing('Super Administrator on')).toBe(false);
  expect(allowing('Super Administrator on the Moon')).toBe(false);
});
