import { describe, expect, test } from 'vitest';
import { writeSlack } from '../../../src/deliver/webhook/slack.ts';
import { changeKinds } from '../../../src/domain/change.ts';
import {
  composeDigestReport,
  composeFailureReport,
  composeHeldReport,
  composeReport,
  type Report,
} from '../../../src/report/report.ts';
import { writeJson } from '../../../src/report/forms/json.ts';
import { hiddenCharacter } from '../../support/settled.ts';
import { aChange, aRun, changesOf, lastNight, tonight, voice, quietNights } from '../../report/builders.ts';

interface Text {
  type: string;
  text: string;
  verbatim?: boolean;
}

interface Message {
  text: string;
  blocks: { type: string; text?: Text; elements?: Text[] }[];
}

function read(report: Pick<Report, 'event'> | null): Message {
  if (report === null) throw new Error('expected a report');
  return JSON.parse(writeSlack(writeJson(report.event))) as Message;
}

const textsOf = ({ blocks }: Message) =>
  blocks.flatMap(({ text, elements = [] }) => [...(text ? [text] : []), ...elements]);

/** All that is seen, be it in blocks or without. */
const seen = (message: Message) => [message.text, ...textsOf(message).map(({ text }) => text)];

/** What Slack allows of a message. */
function expectWithinBounds(message: Message): void {
  expect(message.blocks.length).toBeLessThanOrEqual(50);
  expect(message.text.length).toBeLessThanOrEqual(2_000);
  for (const { type, text } of message.blocks)
    if (type === 'header') expect(text?.text.length).toBeLessThanOrEqual(150);
  for (const { text } of textsOf(message)) {
    expect(text.length).toBeLessThanOrEqual(3_000);
    expect(text.length).toBeGreaterThan(0);
  }
}

test('changes are told with their names, roles and what happened to Super Administrator', () => {
  const changes = [
    aChange('left', { removed: ['Super Administrator - All Privileges', 'Billing'] }),
    aChange('roles_changed', { organizationName: null, added: ['DNS'], removed: ['Billing'] }),
  ];
  const message = read(composeReport(aRun(), { changes }, voice));
  expectWithinBounds(message);
  const told = seen(message).join('\n');
  expect(told).toMatch(
    /^Left \(1\)\n• Acme \(023e\w+\): − Super Administrator - All Privileges, − Billing; SUPER ADMINISTRATOR LOST$/m,
  );
  expect(told).toMatch(/^Roles changed \(1\)\n• 023e\w+: \+ DNS, − Billing$/m);
  expect(told).toMatch(
    /Run 812 · 2026-08-13T02:00:04\.000Z to .* · a member of 124, invited to 4 · CSV .* · chain head 9f2c/,
  );
  expect(message.text).toContain('[rollcall] ops-bot: ');
});

test('what is to be done is there to be copied, in blocks and without', () => {
  const held = { ...aRun(), reason: 'lost 40 of 128', firstRunId: 810 };
  const message = read(composeHeldReport(held, changesOf('left', 40), voice));
  expectWithinBounds(message);
  expect(textsOf(message)).toContainEqual({
    type: 'mrkdwn',
    text: '```npx --no rollcall approve 810\nnpx --no rollcall reject 810```',
    verbatim: true,
  });
  expect(message.text).toContain('Next: npx --no rollcall approve 810');
  expect(seen(message).join('\n')).toContain('and 20 more');
  expect(message.text).toContain('lost 40 of 128');
});

test('however much there is, it is within what Slack takes, and what is left out is counted', () => {
  const name = `${'&<>"'.repeat(60)}👩‍💻`;
  const changes = changeKinds.flatMap((kind) =>
    changesOf(kind, 60).map((change) => ({
      ...change,
      organizationName: name,
      added: Array.from({ length: 40 }, () => name),
    })),
  );
  const message = read(composeReport(aRun({ principal: '&'.repeat(100) }), { changes }, voice));
  expectWithinBounds(message);
  expect(
    seen(message)
      .join('\n')
      .match(/^and \d+ more$/gm),
  ).toHaveLength(changeKinds.length);
  for (const text of seen(message)) expect(text.replaceAll(/&(?:amp|lt|gt);/g, '')).not.toMatch(/[&<>]/);
});

test('a digest tells each principal', () => {
  const principals = Array.from({ length: 30 }, (_, number) =>
    quietNights({ principal: `bot-${number}`, complete: 6, failed: 1, invited: 4 }),
  );
  const message = read(composeDigestReport({ from: lastNight, to: tonight, principals, inner: null }, voice));
  expectWithinBounds(message);
  expect(seen(message).join('\n')).toMatch(
    /bot-0: 6 nights complete, 1 failed, 0 missed; a member of 124, invited to 4\n[^]*and 10 more/,
  );
});

test('a digest tells what needs somebody, and nothing that its reader is not to hear of', () => {
  const narrowed = { members: null, invited: null, other: null, superAdministrators: null };
  const principals = [quietNights({ ...narrowed, failed: 1, held: 2 })];
  const told = seen(
    read(composeDigestReport({ from: lastNight, to: tonight, principals, inner: null }, voice)),
  );
  expect(told.join('\n')).toContain('1 failed, 0 missed, 2 held\n'.trim());
  expect(told.join('\n')).toContain('Needs you');
  expect(told.join('\n')).not.toMatch(/null|a member of/);
});

test('flags, parents and policies are told in words, and the gravest first', () => {
  const account = 'com.cloudflare.api.account';
  const own = '023e105f4ecef8ad9ca31a8372d0c353';
  const told = seen(
    read(
      composeReport(
        aRun(),
        {
          changes: [
            ...changesOf('two_factor_changed', 30).map((one) => ({ ...one, before: 'false', after: 'true' })),
            aChange('two_factor_changed', { organizationName: 'Bare', before: 'true', after: 'false' }),
            aChange('api_access_changed', { before: 'true', after: 'false' }),
            aChange('parent_changed', { before: 'none', after: 'Group <!here> (8d3f)' }),
            aChange('policies_changed', {
              added: [
                ...Array.from({ length: 9 }, (_, index) => `allow A${index} on ${account}.${own}`),
                `allow Super Administrator on ${account}.${own}`,
              ],
              superAdministrator: 'gained',
            }),
          ],
        },
        voice,
      ),
    ),
  ).join('\n');
  expect(told).toMatch(/^Two factor changed \(31\)\n• Bare \(\w+\): TWO FACTORS NO LONGER ENFORCED$/m);
  expect(told).toMatch(/• Organization 001 \(\w+\): two factors enforced now$/m);
  expect(told).toMatch(/• Acme \(\w+\): access by API turned off$/m);
  expect(told).toMatch(/• Acme \(\w+\): parent Group &lt;!here&gt;, before none \(8d3f\)$/m);
  expect(told).toMatch(
    /• Acme \(\w+\): \+ allow Super Administrator on the account, \+ allow A0 on the account, .*; SUPER ADMINISTRATOR GAINED BY A POLICY$/m,
  );
});

test('Super Administrator is told before twenty others of its kind', () => {
  const others = Array.from({ length: 30 }, (_, index) =>
    aChange('joined', { organizationName: `Other ${index}` }),
  );
  const gained = aChange('joined', {
    organizationName: 'Grave',
    added: ['Super Administrator - All Privileges'],
  });
  const told = seen(read(composeReport(aRun(), { changes: [...others, gained] }, voice))).join('\n');
  expect(told).toMatch(/• Grave[^]*SUPER ADMINISTRATOR GAINED[^]*• Other 0/);
});

describe('what strangers chose is text', () => {
  const hostile = [
    ['<!channel> <@U123> <#C1|general> <https://phish.example|here>', /<|https:\/\/|@U/],
    ['@here @everyone ＠all', /(?<!\[)[@＠](?:here|everyone|all)/],
    ['[click](https://phish.example) ![x](//phish.example/x.png)', /\]\(|(?<!\[):\/\/|phish\.example/],
    [
      'https://phish.example www.phish.example mailto:a@phish.example',
      /(?<!\[):\/\/|phish\.example|mailto:a/,
    ],
    ['a\u202Eb\u200Bc\r\nRun 1 · approved', hiddenCharacter],
    ['a\r\n*ROLES CHANGED (0)*', /^\*ROLES/m],
    ['&lt;!channel&gt;', /&lt;!channel/],
  ] as const;

  test.each(hostile)('%s, as name, role and reason', (text, harmful) => {
    const changes = [aChange('joined', { organizationName: text, organizationId: text, added: [text] })];
    for (const told of seen(read(composeReport(aRun(), { changes }, voice))))
      for (const line of told.split('\n')) expect(line).not.toMatch(harmful);
  });

  test('no pattern in what a server said calls anybody', () => {
    const error = 'no: <!channel> @here [x](https://phish.example) ```';
    const failed = {
      runId: 1,
      principal: 'x',
      source: 'organizations',
      state: 'failed',
      code: null,
      requests: 1,
      error,
      finishedAt: tonight,
      lastComplete: null,
    } as const;
    const message = read(composeFailureReport(failed, voice));
    expect(seen(message).join('\n')).not.toMatch(/<!|```no/);
    expect(message.text).not.toMatch(/(?<!\[)@here|\]\(|`/);
  });

  test('a principal’s name with a backtick does not end the code that commands stand in', () => {
    const held = { ...aRun({ principal: 'a`b' }), reason: 'x', firstRunId: 810 };
    const failed = {
      principal: 'a```<!here>',
      runId: 1,
      source: 'organizations',
      state: 'failed',
      code: null,
      requests: 1,
      error: 'x',
      finishedAt: tonight,
      lastComplete: null,
    } as const;
    for (const report of [
      composeHeldReport(held, [], voice),
      composeFailureReport(failed, { ...voice, command: 'r`c' }),
    ])
      for (const { type, text } of textsOf(read(report)))
        if (type === 'mrkdwn') expect(text.slice(3, -3)).not.toContain('`');
  });
});
