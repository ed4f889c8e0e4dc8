import { describe, expect, test } from 'vitest';
import { writeSlack } from '../../src/deliver/webhook/slack.ts';
import { isImportant } from '../../src/deliver/importance.ts';
import { type Change } from '../../src/domain/change.ts';
import { type ReportEvent } from '../../src/domain/report-event.ts';
import { composeHeldReports, composeReports } from '../../src/report/addressed.ts';
import { type Audience } from '../../src/report/audience.ts';
import { type RouteFilter } from '../../src/report/scope.ts';
import { writeJson } from '../../src/report/forms/json.ts';
import { eventRule } from '../../src/report/forms/json-schema.ts';
import { composeHeldReport, composeReport, type Report } from '../../src/report/report.ts';
import { type SourceChangeTold } from '../../src/report/told.ts';
import { aChange, aRun, changesOf, voice } from './builders.ts';

const held = ['Acme', 'Evil https://phish.example'].map((organizationName, index) => ({
  organizationName,
  organizationId: String(index),
}));
const toMemberships: SourceChangeTold = { from: 'organizations', to: 'memberships', heldByPolicy: held };
const back: SourceChangeTold = { from: 'memberships', to: 'organizations', heldByPolicy: held };

function told(report: Report | null): Report {
  if (report === null) throw new Error('expected a report');
  return report;
}

const only = (sourceChange: SourceChangeTold) =>
  told(composeReport(aRun({ sourceChange }), { changes: [] }, voice));

/** All that is seen of it, in each form. */
function formsOf(report: Report): string[] {
  const json = writeJson(report.event);
  const slack = JSON.parse(writeSlack(json)) as { blocks: { text?: { text: string } }[] };
  const blocks = slack.blocks.map(({ text }) => text?.text ?? '').join('\n');
  return [report.text, report.html.replaceAll(/<[^>]*>/g, ''), blocks];
}

describe('a night on which nothing but the source is another one', () => {
  test('is told as changes, in its subject too, without a file, and as nothing that cannot wait', () => {
    const report = only(toMemberships);
    expect(report).toMatchObject({
      kind: 'changes',
      csv: null,
      subject: '[rollcall] ops-bot: Super Administrator by policy in 2 orgs, from /memberships',
    });
    expect(only({ ...toMemberships, heldByPolicy: [] }).subject).toBe(
      '[rollcall] ops-bot: now read from /memberships, nothing changed',
    );
    expect(report.text).toContain('rollcall sources --principal ops-bot');
    expect(report.text).not.toContain('CSV');
    expect(isImportant({ kind: report.kind, csv: null })).toBe(false);
    expect(composeReport(aRun(), { changes: [] }, voice)).toBeNull();
  });

  test('says in every form what was compared, and what will be from then on', () => {
    for (const form of formsOf(only(toMemberships))) {
      expect(form).toContain('/memberships instead of /user/organizations');
      expect(form).toMatch(/This time name, status and roles were compared/);
      expect(form).toMatch(
        /next night on, policies, two factors, access by API, the parent and permissions are compared/,
      );
      expect(form).toMatch(
        /Super Administrator is held by a policy alone in 2 organizations.*not told as gained/,
      );
    }
  });

  test('says the other way round what is no longer known', () => {
    for (const form of formsOf(only(back))) {
      expect(form).toContain('/user/organizations instead of /memberships');
      expect(form).toMatch(/no longer known.*policies, two factors, access by API and the parent/);
      expect(form).toMatch(
        /Super Administrator was held by a policy alone in 2 organizations.*not told as lost/,
      );
    }
  });

  test('names where a policy alone gives Super Administrator, as text', () => {
    expect(only(toMemberships).text).toContain(
      'in 2 organizations: Acme and Evil https[://]phish[.]example.',
    );
    expect(only({ ...toMemberships, heldByPolicy: held.slice(0, 1) }).text).toContain(
      'in 1 organization: Acme.',
    );
    expect(only({ ...toMemberships, heldByPolicy: [] }).text).toContain(
      'by a policy alone in no organization.',
    );
    const many = Array.from({ length: 5_000 }, (_, index) => ({
      organizationName: '&'.repeat(200),
      organizationId: String(index),
    }));
    const report = only({ ...toMemberships, heldByPolicy: many });
    expect(report.text).toContain('and 4980 more');
    expect(Buffer.byteLength(report.html)).toBeLessThanOrEqual(90_000);
  });

  test('is a JSON that its schema describes', () => {
    const event = JSON.parse(writeJson(only(back).event)) as ReportEvent;
    expect(() => eventRule.parse(event)).not.toThrow();
    expect(event).toMatchObject({
      type: 'rollcall.changes',
      data: {
        run: { source_change: { from: 'memberships', to: 'organizations', held_by_policy: 2 } },
        counts: {},
        changes: [],
        csv: null,
      },
    });
  });
});

test('beside changes it is told with them, and a subject says it behind them', () => {
  const report = told(
    composeReport(aRun({ sourceChange: toMemberships }), { changes: [aChange('left')] }, voice),
  );
  const none = aRun({ sourceChange: { ...toMemberships, heldByPolicy: [] } });
  expect(composeReport(none, { changes: [aChange('left')] }, voice)?.subject).toBe(
    '[rollcall] ops-bot: left Acme, now read from /memberships',
  );
  for (const form of formsOf(report)) {
    expect(form).toContain('/memberships instead of /user/organizations');
    expect(form).toMatch(/^left \(?1/im);
  }
  expect(report.csv).not.toBeNull();
  const many = told(
    composeReport(aRun({ sourceChange: toMemberships }), { changes: changesOf('left', 20) }, voice),
  );
  expect(many.subject.length).toBeLessThanOrEqual(78);
});

test.each([
  [
    'Super Administrator of many',
    changesOf('left', 9).map((one) => ({ ...one, superAdministrator: 'lost' as const })),
  ],
  [
    'Super Administrator of one',
    [aChange('joined', { added: ['Super Administrator'], organizationName: 'x'.repeat(90) })],
  ],
  [
    'many that left, and many that joined',
    [...changesOf('left', 40), ...changesOf('joined', 30), ...changesOf('renamed', 20)],
  ],
  ['one that left', [aChange('left', { organizationName: '🐦'.repeat(100) })]],
])('a seam is in the subject and the first line behind the gravest, be it %s', (_what, changes) => {
  const heldByPolicy: SourceChangeTold['heldByPolicy'] = [];
  for (const direction of [toMemberships, back]) {
    for (const principal of ['ops-bot', 'équipe sécurité']) {
      const run = aRun({ principal, sourceChange: { ...direction, heldByPolicy } });
      const { subject, event } = told(composeReport(run, { changes }, voice));
      expect(subject).toMatch(
        /: (?:Super Administrator (?:gained|lost)|lost access|left )[^,]*, (?:(?:now read )?from \/(?:memberships|user\/organizations)|other source)/,
      );
      expect(subject.length).toBeLessThanOrEqual(78);
      expect(event.headline).toMatch(/\. The roll is now read from \/(?:memberships|user\/organizations)\.$/);
    }
  }
});

describe('Super Administrator by a policy that nobody saw before', () => {
  const subjectOf = (names: readonly string[], changes: readonly Change[], principal = 'ops-bot') => {
    const heldByPolicy = names.map((organizationName) => ({
      organizationName,
      organizationId: organizationName,
    }));
    const run = aRun({ principal, sourceChange: { ...toMemberships, heldByPolicy } });
    return told(composeReport(run, { changes }, voice));
  };

  test.each([
    [['Acme'], [], /: Super Administrator by policy in Acme, (?:now read )?from \/memberships/],
    [['Acme', 'Beta'], [], /: Super Administrator by policy in 2 org\w+, (?:now read )?from \/memberships/],
    [
      ['Acme'],
      [aChange('left')],
      /: Super Administrator by policy in Acme, (?:now read )?from \/memberships/,
    ],
    [
      ['A', 'B', 'C'],
      changesOf('joined', 30),
      /: Super Administrator by policy in 3 orgs, from \/memberships/,
    ],
    [
      ['Beta'],
      [aChange('joined', { added: ['Super Administrator'] })],
      /: Super Administrator gained in Acme.*from \/memberships/,
    ],
  ])(
    'of %o is in the subject ahead of the source, and first behind the subject',
    (names, changes, subject) => {
      const report = subjectOf(names, changes);
      expect(report.subject).toMatch(subject);
      expect(report.subject.length).toBeLessThanOrEqual(78);
      const preheader = /Super Administrator by policy in (?:[^.]*)\./.exec(
        report.html.split('<body')[1] ?? '',
      )?.[0];
      for (const name of names) expect(preheader).toContain(name);
    },
  );

  test('is told of a principal with a long name too', () => {
    const { subject } = subjectOf(['A', 'B'], [], 'équipe sécurité');
    expect(subject).toMatch(/: Super Administrator by policy, other source$/);
    expect(subject.length).toBeLessThanOrEqual(78);
  });

  test('is not said of what nobody sees any more', () => {
    expect(only(back).subject).not.toContain('Super Administrator');
  });

  test.each([
    [{ roles: ['Super Administrator'] }, true],
    [{ roles: ['super*'] }, true],
    [{ roles: ['Billing', '*all privileges*'], categories: ['membership'] }, true],
    [{ roles: ['Super Administrator'], kinds: ['policies_changed'] }, true],
    [{ roles: ['Super Administrator'], kinds: ['left'] }, false],
    [{ roles: ['Super Administrator'], categories: ['invitation'] }, false],
    [{ roles: ['Billing'] }, false],
    [{ categories: ['membership'] }, false],
  ] as [RouteFilter, boolean][])('is heard by a route of %o: %s', (filter, isHeard) => {
    const audiences: Audience[] = [{ to: ['a@example.com'], ...filter }];
    const hear = (sourceChange: SourceChangeTold) =>
      composeReports(
        { ...aRun({ sourceChange }), recovered: false, isApproved: false },
        { changes: [] },
        { audiences, voice },
      );
    const [report, ...others] = hear(toMemberships);
    expect(others).toEqual([]);
    expect(report !== undefined).toBe(isHeard);
    expect(hear({ ...toMemberships, heldByPolicy: [] })).toEqual([]);
    expect(hear(back)).toEqual([]);
    if (report === undefined) return;
    expect(report.subject).toContain('Super Administrator by policy in 2 orgs');
    expect(report.text).toContain('nothing changed of what you get');
    expect(report.text).toContain('in 2 organizations: Acme and Evil');
    expect(report.text).not.toContain('rollcall sources');
    expect(report.text).not.toContain('124 ');
    expect(JSON.parse(writeJson(report.event))).toMatchObject({ data: { run: { members: null } } });
  });
});

test('a report on a seam says in every form that what one source alone lists is told as joined or left', () => {
  const isSaid = /only one of the two lists is told as joined, left/;
  for (const sourceChange of [toMemberships, back]) {
    const report = told(
      composeReport(aRun({ sourceChange }), { changes: [aChange('left'), aChange('joined')] }, voice),
    );
    for (const form of formsOf(report)) expect(form).toMatch(isSaid);
    const event = JSON.parse(writeJson(report.event)) as ReportEvent;
    expect(event.data.run?.source_change?.note).toMatch(isSaid);
    const lost = { ...aRun({ sourceChange }), reason: '13 of 20 are gone', firstRunId: 810 };
    for (const form of formsOf(composeHeldReport(lost, changesOf('left', 13), voice)))
      expect(form).toMatch(isSaid);
  }
  const same = told(composeReport(aRun(), { changes: [aChange('left')] }, voice));
  for (const form of formsOf(same)) expect(form).not.toContain('only one of the two lists');
});

test('what the other source tells is said so that it is true the second time too', () => {
  for (const form of formsOf(only(toMemberships))) {
    expect(form).not.toMatch(/first time/);
    expect(form).toMatch(/policy alone in 2 organizations.*It was not compared with anything before/);
    expect(form).toMatch(/tonight they were not compared with anything before/);
  }
});

test('what an earlier version stored is read as before', () => {
  const json = writeJson(told(composeReport(aRun(), { changes: [aChange('left')] }, voice)).event);
  const earlier = json.replace(/,"source_change":null/, '');
  expect(earlier).not.toBe(json);
  expect(writeSlack(earlier)).toBe(writeSlack(json));
});

describe('who hears of it', () => {
  const audiences: Audience[] = [
    { to: ['all@example.com'] },
    { to: ['both@example.com'], about: ['changes', 'quiet'] },
    { to: ['proof@example.com'], about: ['quiet'] },
    { to: ['outsider@example.com'], categories: ['invitation'] },
    { to: ['curious@example.com'], roles: ['*'], about: ['changes', 'quiet'] },
    { to: ['on-call@example.com'], about: ['trouble'] },
  ];
  const run = { ...aRun({ sourceChange: toMemberships }), recovered: false, isApproved: false };
  const hear = (changes: Parameters<typeof composeReports>[1]['changes'], given: Partial<typeof run> = {}) =>
    composeReports({ ...run, ...given }, { changes }, { audiences, voice }).flatMap(
      ({ kind, recipients, text }) =>
        recipients.map(({ name }) => {
          const [who] = name.split('@');
          return `${who} ${kind}${text.includes('/memberships') ? ' told' : ''}`;
        }),
    );

  test('those who get every change, once, and no outsider', () => {
    expect(hear([]).sort()).toEqual([
      'all changes told',
      'both changes told',
      'curious changes told',
      'proof quiet told',
    ]);
    const ofNobody = { sourceChange: { ...toMemberships, heldByPolicy: [] } };
    expect(hear([], ofNobody)).toContain('curious quiet');
    expect(hear([], { sourceChange: null }).sort()).toEqual(['both quiet', 'curious quiet', 'proof quiet']);
  });

  test('an outsider who gets a change does not hear of it with that, in no form', () => {
    expect(hear([aChange('invited', { offered: ['DNS'] })]).sort()).toEqual([
      'all changes told',
      'both changes told',
      'curious changes told',
      'outsider changes',
    ]);
    const reports = composeReports(run, { changes: [aChange('invited')] }, { audiences, voice });
    const narrowed = reports.filter(({ recipients }) =>
      recipients.some(({ name }) => name.startsWith('outsider')),
    );
    expect(narrowed.map(({ event }) => writeJson(event)).join()).toContain('"source_change":null');
  });
});

describe('a held run whose ids do not match', () => {
  const reason =
    'it was read from another source than its baseline, and only 12 of the baseline’s 129 organizations are in it';
  const run = {
    ...aRun({ sourceChange: { ...toMemberships, heldByPolicy: [] } }),
    reason,
    firstRunId: 810,
    mayHaveOtherIds: true,
  };

  test('says that first, and what to do', () => {
    const report = composeHeldReport(run, changesOf('left', 117), voice);
    expect(report.subject).toBe('[rollcall] ops-bot: HELD, read from /memberships, ids may not match');
    expect(report.text).toMatch(/^Do the ids match\?.*only 12 of the baseline’s 129 organizations/);
    const steps = ['sources --principal ops-bot', 'source: organizations', 'reject 810', 'approve 810'];
    const places = steps.map((step) => report.text.indexOf(step));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
    expect(report.text).not.toContain('From now on');
  });

  test.each([
    { kinds: ['left'], about: ['trouble'] },
    { kinds: ['left'], about: ['changes', 'trouble'] },
    { categories: ['invitation'], about: ['trouble'] },
    { roles: ['Billing'], about: ['trouble'] },
  ] as Omit<Audience, 'to'>[])('tells those of whom changes are narrowed nothing of sources: %o', (route) => {
    const audiences: Audience[] = [{ to: ['a@example.com'], ...route }];
    const [found] = composeHeldReports(run, changesOf('left', 117), { audiences, voice });
    const report = told(found ?? null);
    expect(report.subject).toBe('[rollcall] ops-bot: HELD, ids may not match');
    expect(report.text).toMatch(/^Do the ids match\? ops-bot: too few of the organizations/);
    for (const form of [...formsOf(report), writeJson(report.event)]) {
      expect(form).not.toMatch(/another source|\/memberships|was read from/);
    }
  });

  test('is another one than a run that lost too much by the same ids', () => {
    const lost = { ...run, mayHaveOtherIds: false, reason: '13 of 129 organizations are gone' };
    const report = composeHeldReport(lost, changesOf('left', 13), voice);
    expect(report.subject).toBe('[rollcall] ops-bot: HELD, lost access to 13 organizations');
    expect(report.text).toMatch(/^Is it true\?/);
    expect(report.text).toContain('sources --principal ops-bot');
  });
});
