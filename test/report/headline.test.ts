import { describe, expect, test } from 'vitest';
import { type Change, changeKinds } from '../../src/domain/change.ts';
import { planHeadline } from '../../src/report/headline.ts';
import { fitSubject, subjectMark } from '../../src/report/subject.ts';
import { aChange, changesOf } from './builders.ts';

const role = 'Super Administrator - All Privileges';
const gained = aChange('roles_changed', { added: [role], organizationName: 'Acme' });
const lost = aChange('roles_changed', { removed: [role], organizationName: 'Beta', organizationId: '2' });
const offered = aChange('invited', {
  superAdministrator: 'offered',
  organizationName: 'Gamma',
  organizationId: '3',
});
const noTwoFactors = aChange('two_factor_changed', {
  organizationName: 'Beta',
  organizationId: '2',
  before: 'true',
  after: 'false',
});
const policy = 'allow Super Administrator - All Privileges on com.cloudflare.api.account.1';
const [group, otherGroup] = ['Acme Group (8d3f)', 'Group (4536)'];
const turned = (before: string, after: string) => (change: Change) => ({ ...change, before, after });
const suspended = { before: 'member', after: 'suspended' };

function subjectOf(changes: readonly Change[], principal = 'ops-bot'): string {
  return planHeadline({ principal, changes, when: 'It happened at night' }).subject;
}

describe('the subject says the gravest first', () => {
  test.each([
    ['who gained Super Administrator', [gained], 'Super Administrator gained in Acme'],
    [
      'how, where it came with something else',
      [aChange('joined', { added: [role] })],
      'Super Administrator gained in Acme (joined)',
    ],
    ['who lost it', [lost], 'Super Administrator lost in Beta'],
    [
      'that it went with the membership',
      [aChange('left', { removed: [role] })],
      'Super Administrator lost in Acme (left)',
    ],
    ['that it is offered', [offered], 'Super Administrator offered in Gamma (invited)'],
    [
      'before lost access, and before counts',
      [...changesOf('joined', 2), aChange('left'), gained],
      'Super Administrator gained in Acme, and more',
    ],
    ['gained before lost', [lost, gained], 'Super Administrator gained in Acme, and more'],
    ['each change once', [gained, ...changesOf('joined', 1)], 'Super Administrator gained in Acme, 1 joined'],
    [
      'lost access before what was won',
      [...changesOf('joined', 2), ...changesOf('left', 3)],
      'lost access to 3 organizations, 2 joined',
    ],
    [
      'lost access by another status',
      [aChange('status_changed', suspended), ...changesOf('joined', 2)],
      'lost access to Acme, 2 joined',
    ],
    [
      'two factors that are no longer enforced after lost access, and before what was won',
      [...changesOf('joined', 2), noTwoFactors, aChange('left', { organizationId: '5' })],
      'lost access to Acme, two factors off in Beta, 2 joined',
    ],
    [
      'how many enforce them no longer, by themselves',
      [...changesOf('two_factor_changed', 3).map(turned('true', 'false')), ...changesOf('renamed', 1)],
      'two factors off in 3 organizations, 1 renamed',
    ],
    [
      'two factors that are enforced from now on among the counts',
      [...changesOf('two_factor_changed', 3).map(turned('false', 'true')), ...changesOf('roles_changed', 1)],
      '1 role change, 3 two-factor changes',
    ],
    [
      'both, where both happened',
      [noTwoFactors, ...changesOf('two_factor_changed', 2).map(turned('false', 'true'))],
      'two factors off in Beta, 2 two-factor changes',
    ],
    [
      'counts of what /memberships alone tells',
      [
        ...changesOf('parent_changed', 2),
        ...changesOf('api_access_changed', 2),
        ...changesOf('policies_changed', 2),
      ],
      '2 policy changes, 2 API access changes, 2 parent changes',
    ],
    [
      'that a policy gave Super Administrator',
      [aChange('policies_changed', { added: [policy], superAdministrator: 'gained' })],
      'Super Administrator gained in Acme (by a policy)',
    ],
    [
      'that a policy took it, before lost access',
      [
        aChange('policies_changed', { removed: [policy], superAdministrator: 'lost' }),
        aChange('left', { organizationId: '5' }),
      ],
      'Super Administrator lost in Acme, lost access to Acme',
    ],
    [
      'counts in the order of gravity',
      [...changesOf('renamed', 1), ...changesOf('roles_changed', 2)],
      '2 role changes, 1 renamed',
    ],
  ] as const)('%s', (_what, changes, expected) => {
    expect(subjectOf(changes)).toBe(`ops-bot: ${expected}`);
  });

  test('of a change that is the only one, it names the organization', () => {
    for (const kind of changeKinds) expect(subjectOf([aChange(kind)])).toContain('Acme');
    expect(subjectOf([aChange('left')])).toBe('ops-bot: left Acme');
    expect(subjectOf([aChange('renamed', { before: 'Old' })])).toBe('ops-bot: Old renamed to Acme');
    expect(subjectOf([aChange('left', { organizationName: null })])).toContain('023e105f4ecef8ad9ca31a8372');
  });

  test.each([
    [
      { kind: 'two_factor_changed', before: 'true', after: 'false' },
      'two factors no longer enforced in Acme',
    ],
    [{ kind: 'two_factor_changed', before: 'false', after: 'true' }, 'two factors enforced now in Acme'],
    [{ kind: 'api_access_changed', before: 'false', after: 'true' }, 'access by API turned on in Acme'],
    [{ kind: 'api_access_changed', before: 'true', after: 'false' }, 'access by API turned off in Acme'],
    [{ kind: 'parent_changed', before: 'none', after: group }, 'Acme now under Acme Group'],
    [{ kind: 'parent_changed', before: group, after: otherGroup }, 'Acme now under Group'],
    [{ kind: 'parent_changed', before: group, after: 'none' }, 'Acme has no parent any more'],
  ] as const)('and what it turned to: %o', ({ kind, ...turn }, expected) => {
    expect(subjectOf([aChange(kind, turn)])).toBe(`ops-bot: ${expected}`);
  });
});

describe('the subject has at most 78 characters', () => {
  const everything = changeKinds.flatMap((kind) => changesOf(kind, 12));

  test.each([
    ['with everything at once', [gained, lost, offered, ...everything]],
    ['with a name of 300 letters', [aChange('left', { organizationName: 'x'.repeat(300) })]],
    [
      'with a name of a hundred emoji',
      [aChange('renamed', { organizationName: '🐦'.repeat(100), before: '🐦'.repeat(100) })],
    ],
    ['with Super Administrator of two hundred', Array.from({ length: 200 }, () => gained)],
  ] as const)('%s', (_what, changes) => {
    const subject = `${subjectMark}${subjectOf(changes)}`;
    expect(subject.length).toBeLessThanOrEqual(78);
    expect(subject).toMatch(/^\[rollcall\] ops-bot: \S/);
  });

  test('and says so where something is left out', () => {
    expect(subjectOf([gained, lost, offered, ...everything])).toMatch(
      /^ops-bot: Super Administrator gained in Acme.*, and more$/,
    );
  });

  test('unless the principal’s own name takes them', () => {
    const subject = subjectOf([gained], 'x'.repeat(90));
    expect(subject).toMatch(/^x{90}: Super Administrator gained in Acme$/);
  });

  test('names give way before clauses do', () => {
    const clauses = [(longest: number) => 'n'.repeat(Math.min(longest, 100)), () => 'second'];
    expect(fitSubject('ops-bot: ', clauses)).toBe(`ops-bot: ${'n'.repeat(30)}, second`);
  });
});

describe('the first line is a sentence about the gravest, and the rest follows', () => {
  test.each([
    [[gained], 'ops-bot is now Super Administrator of Acme. ops-bot has other roles in Acme.', ''],
    [[aChange('left')], 'ops-bot is no longer a member of Acme.', ''],
    [[noTwoFactors], 'Two factors are no longer enforced in Beta.', ''],
    [
      [noTwoFactors, aChange('two_factor_changed', { before: 'true', after: 'false' }), gained],
      'ops-bot is now Super Administrator of Acme.',
      'Two factors are no longer enforced in Beta and Acme. In all: 1 role change, 2 two-factor changes.',
    ],
    [
      [aChange('api_access_changed', { before: 'false', after: 'true' })],
      'ops-bot may now use the API in Acme.',
      '',
    ],
    [
      [aChange('parent_changed', { before: 'none', after: group })],
      'The parent organization of Acme is Acme Group now; there was none before.',
      '',
    ],
    [
      [aChange('parent_changed', { before: otherGroup, after: group })],
      'The parent organization of Acme is Acme Group now; before, it was Group.',
      '',
    ],
    [
      [aChange('parent_changed', { before: group, after: 'none' })],
      'Acme has no parent organization any more; it was Acme Group.',
      '',
    ],
    [
      [aChange('policies_changed', { added: [policy], superAdministrator: 'gained' })],
      'ops-bot is now Super Administrator of Acme, by a policy. ops-bot has other policies in Acme.',
      '',
    ],
    [
      [
        aChange('joined', { organizationId: '3', superAdministrator: 'gained', organizationName: 'Gamma' }),
        gained,
      ],
      'ops-bot is now Super Administrator of Gamma and Acme (1 of them by a policy).',
      'In all: 1 role change, 1 joined.',
    ],
    [
      [gained, lost],
      'ops-bot is now Super Administrator of Acme.',
      'ops-bot is no longer Super Administrator of Beta. In all: 2 role changes.',
    ],
    [changesOf('joined', 5), 'What happened: 5 joined.', ''],
    [
      [
        ...changesOf('left', 1),
        aChange('left', { organizationId: '8', organizationName: 'Beta' }),
        ...changesOf('joined', 2),
      ],
      'ops-bot has no access any more to Organization 001 and Beta.',
      'In all: 2 left, 2 joined.',
    ],
    [
      [
        aChange('roles_changed', { organizationId: '1' }),
        aChange('roles_changed', { organizationId: '2', organizationName: 'Beta' }),
      ],
      'What happened: 2 role changes.',
      '',
    ],
    [[aChange('roles_changed')], 'Other roles are listed for ops-bot in Acme, which give no access.', ''],
  ] as const)('%#', (changes, firstLine, rest) => {
    const planned = planHeadline({ principal: 'ops-bot', changes, when: '' });
    expect(planned).toMatchObject({ firstLine, rest });
  });

  test('a name that ends with a dot ends the sentence', () => {
    const inc = aChange('left', { organizationName: 'Acme Inc.' });
    const { firstLine } = planHeadline({ principal: 'ops-bot', changes: [inc], when: '' });
    expect(firstLine).toBe('ops-bot is no longer a member of Acme Inc.');
  });

  test('it names three organizations, and counts the others', () => {
    const five = Array.from({ length: 5 }, (_, index) =>
      aChange('left', { organizationId: `${index}`, organizationName: `Company ${index}` }),
    );
    const { firstLine } = planHeadline({ principal: 'ops-bot', changes: five, when: '' });
    expect(firstLine).toBe('ops-bot has no access any more to Company 0, Company 1, Company 2, and 2 more.');
  });
});

test('the preheader says who and when, which the subject does not', () => {
  const changes = [aChange('joined', { organizationId: '9', organizationName: 'Zeta' }), gained];
  const { preheader } = planHeadline({ principal: 'ops-bot', changes, when: 'It happened at night' });
  expect(preheader).toBe('Acme and Zeta. It happened at night');
});

test('a hostile name stays a name', () => {
  const hostile = aChange('left', {
    organizationName: 'Bank\r\nBcc: x@example.com \u202Eknab https://phish.example',
  });
  const planned = planHeadline({ principal: 'ops-bot', changes: [hostile], when: '' });
  for (const text of Object.values(planned) as string[]) {
    expect(text).not.toMatch(/[\r\n\u202E]/);
    expect(text).not.toContain('https://phish.example');
  }
});
