import { expect, test } from 'vitest';
import { normalizeSet, storableText } from '../../src/domain/membership.ts';
import { listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { useDatabase } from '../support/database.ts';
import { aMembership, night, takeNight } from '../support/nights.ts';

const database = useDatabase();

const namesThatStrangersChose = {
  quotes: `O'Brien "the" \`first\``,
  'SQL and JSON': `'); drop table rollcall.runs; -- {"a": [1]} \\u0041 \\`,
  'array syntax': '{a,"b",NULL}',
  'the word null': 'NULL',
  'a newline and a tab': 'one\r\ntwo\tthree',
  'a formula': '=HYPERLINK("https://example.com")',
  emoji: '👩🏽‍🚀 𝔸𝔠𝔪𝔢',
  'right to left': 'شركة \u202Eemca\u202C',
  'two spellings': 'é and e\u0301',
  'control characters': '\u0001\u001B[31m\u007F\u2028',
  nothing: '',
  spaces: '  ',
};

for (const [what, text] of Object.entries(namesThatStrangersChose)) {
  test(`text with ${what} comes through whole`, async () => {
    const strange = aMembership({ organizationName: text, status: text, roles: [text], permissions: [text] });
    await takeNight(database.db, [], { at: night(1) });
    await takeNight(database.db, [strange], { at: night(2) });
    const quiet = await takeNight(database.db, [strange], { at: night(3) });
    await takeNight(database.db, [{ ...strange, status: 'member' }], { at: night(4) });

    expect(await listMembers(database.db, {})).toMatchObject([{ ...strange, status: 'member' }]);
    expect(quiet.changes).toEqual([]);
    expect(await listChanges(database.db, {})).toMatchObject([
      { organizationName: text, after: text, added: [] },
      { organizationName: text, before: text, added: [text] },
    ]);
  });
}

test('text that Postgres cannot hold comes through as its nearest spelling', async () => {
  const name = storableText('nul \0 and half a pair \uD83D');
  const roles = normalizeSet(['nul \0', '\uDC00', '\uFEFFmarked']);
  await takeNight(database.db, [aMembership({ organizationName: name, roles })]);

  expect(await listMembers(database.db, {})).toMatchObject([
    { organizationName: 'nul ␀ and half a pair �', roles: ['nul ␀', '\u2060marked', '�'] },
  ]);
});

test('names that differ in case or in how an accent is written are different names', async () => {
  await takeNight(database.db, [aMembership({ organizationName: 'Café' })], { at: night(1) });
  await takeNight(database.db, [aMembership({ organizationName: 'Cafe\u0301' })], { at: night(2) });
  await takeNight(database.db, [aMembership({ organizationName: 'CAFE\u0301' })], { at: night(3) });

  expect(await listChanges(database.db, { kind: 'renamed' })).toHaveLength(2);
});

test('a role with the separator in it is one role', async () => {
  await takeNight(database.db, [aMembership({ roles: ['DNS; Billing'] })], { at: night(1) });
  await takeNight(database.db, [aMembership({ roles: ['Billing', 'DNS'] })], { at: night(2) });

  expect(await listChanges(database.db, {})).toMatchObject([
    { added: ['Billing', 'DNS'], removed: ['DNS; Billing'] },
  ]);
});
