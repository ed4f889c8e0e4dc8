import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { partError } from '../../src/checks/failure.ts';
import { challengeOf } from '../../src/cloudflare/http/challenge.ts';
import { describeBody, isWebPage, parseJson } from '../../src/cloudflare/http/body.ts';
import { describeProblems, readVerdict } from '../../src/cloudflare/http/envelope.ts';
import { createPace } from '../../src/cloudflare/http/pace.ts';
import { parseRetryAfter } from '../../src/cloudflare/http/transient.ts';
import { invitesSchema, isIdentifier, userSchema } from '../../src/cloudflare/schema.ts';
import { loadConfig } from '../../src/config.ts';
import { parsePostgresUrl } from '../../src/database/postgres-url.ts';
import { encodeWords } from '../../src/deliver/encoded-words.ts';
import { listIdOf } from '../../src/deliver/list-id.ts';
import { threadingOf } from '../../src/deliver/message-id.ts';
import { judgeAnswer } from '../../src/deliver/webhook/answer.ts';
import { writeSlack } from '../../src/deliver/webhook/slack.ts';
import { classifyFailure } from '../../src/deliver/smtp/outcome.ts';
import { quoteServer } from '../../src/deliver/smtp/text.ts';
import { parseSmtpUrl } from '../../src/deliver/smtp/url.ts';
import { readCsv } from '../../src/domain/csv-reading.ts';
import { describeError, RollcallError } from '../../src/domain/errors.ts';
import { inert } from '../../src/domain/inert.ts';
import { membershipLine } from '../../src/domain/digest.ts';
import { normalizeSet, nothingKnown, storableText } from '../../src/domain/membership.ts';
import { createRedactor } from '../../src/domain/redact.ts';
import { Secret } from '../../src/domain/secret.ts';
import { shellWord } from '../../src/domain/shell-word.ts';
import { parseTime, readInstant } from '../../src/domain/time.ts';
import { visible } from '../../src/domain/visible.ts';
import { createLog } from '../../src/log.ts';
import { writeCsv, writeCsvFile } from '../../src/report/forms/csv.ts';
import { writeJson } from '../../src/report/forms/json.ts';
import { composeFailureReport, composeReport, type Report } from '../../src/report/report.ts';
import { findCronFault, isTimeZone } from '../../src/schedule/cron.ts';
import { parseFault } from '../../src/simulator/fault-names.ts';
import { describeChange } from '../../src/terminal/change-line.ts';
import { instant, wholeNumber } from '../../src/terminal/options.ts';
import { layOutTable } from '../../src/terminal/table.ts';
import { aChange, aRun, tonight, voice } from '../report/builders.ts';
import { groupsAllowedBy, policyLine } from '../../src/domain/policy.ts';
import { parentIdIn, parentText } from '../../src/domain/parent-organization.ts';
import { organizationsPageSchema } from '../../src/cloudflare/sources/organizations.ts';
import { membershipsSource } from '../../src/cloudflare/sources/memberships.ts';
import { createInterning } from '../../src/domain/interning.ts';

/** Does to a text from outside what rollcall does, and gives what it would print, mail or store of it. */
export type Reader = (text: string) => readonly string[];

const headersOf = (text: string) => ({ get: () => text });
const secret = new Secret('the-secret-token');

function nothing(_read: unknown): readonly string[] {
  return [];
}

/** What it may refuse, by an error that has none of the text. */
function failing(read: () => unknown): readonly string[] {
  try {
    return nothing(read());
  } catch (error) {
    return [describeError(error)];
  }
}

function bodyOf(...result: readonly unknown[]): unknown {
  return { success: true, result };
}

function linesOf(report: Report | null): string[] {
  return [
    report?.subject ?? '',
    report?.csv?.filename ?? '',
    ...`${report?.text}\n${report?.html}`.split('\n'),
  ];
}

function jsonOf(report: Report | null): string {
  return report === null ? '{}' : writeJson(report.event);
}

function changesWith(text: string) {
  const given = {
    organizationName: text,
    before: text,
    after: text,
    added: [text],
    offered: [text],
    invitedBy: text,
  };
  return (['renamed', 'invited'] as const).map((kind) => aChange(kind, given));
}

/** A line of a log; it has to be JSON still. */
function logged(text: string): readonly string[] {
  const lines: string[] = [];
  const destination = new Writable({
    write: (line: Buffer, _, done) => {
      lines.push(line.toString());
      done();
    },
  });
  const log = createLog({ level: 'info', forPeople: false, secrets: [secret], destination });
  log.info({ organization: text, changes: [{ before: text }] }, text);
  for (const line of lines) JSON.parse(line);
  return lines.map((line) => line.trimEnd());
}

const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-hostile-'));

/** Gone with the tests. */
export function removeFolder(): void {
  rmSync(folder, { recursive: true, force: true });
}

function configured(file: string, text: string): readonly string[] {
  const place = path.join(folder, file);
  writeFileSync(place, text);
  try {
    return nothing(loadConfig({}, folder));
  } finally {
    rmSync(place);
  }
}

const variables = [
  ...[
    'CLOUDFLARE_API_TOKEN',
    'CLOUDFLARE_BASE_URL',
    'ROLLCALL_PRINCIPAL',
    'SMTP_URL',
    'DATABASE_URL',
    'MAIL_FROM',
  ],
  ...['MAIL_TO', 'ROLLCALL_SCHEDULE', 'ROLLCALL_TIMEZONE', 'ROLLCALL_PING_URL', 'ROLLCALL_HTTP', 'LOG_LEVEL'],
];

/** Every place at which text comes in, or is told. */
export const readers: Readonly<Record<string, Reader>> = {
  'a text made visible': (text) => [visible(text), visible(text, Infinity)],
  'a text in a mail': (text) => [inert(text), inert(text, Infinity)],
  'an error': (text) => [
    describeError(text),
    describeError(new Error(text, { cause: new Error(`${text} `) })),
  ],
  'an error of ours': (text) => new RollcallError('usage', text).message.split('\n'),
  "an error's remedy": (text) => nothing(partError(text)),
  'a text to be stored': (text) => nothing([storableText(text), normalizeSet([text, `${text} `])]),
  'a line of a digest': (text) =>
    nothing(
      membershipLine({
        ...nothingKnown,
        organizationId: 'x',
        organizationName: text,
        status: text,
        roles: [text],
        permissions: [text],
        membershipId: text,
        policies: [text],
        parentOrganization: text,
      }),
    ),
  'a policy': (text) =>
    nothing(
      groupsAllowedBy(
        policyLine({
          access: 'allow',
          groups: [text],
          resources: [{ name: text, key: text, objects: [text, `${text} `] }],
        }),
      ),
    ),
  'a parent organization': (text) => nothing(parentIdIn(parentText({ id: text, name: text }))),
  'a text with secrets in it': (text) => nothing(createRedactor([secret])(text)),
  'a secret': (text) => nothing(createRedactor([new Secret(text.slice(0, 500))])(text)),
  'a word for a shell': (text) => nothing(shellWord(text)),
  'a time that a person writes': (text) => nothing(parseTime(text, tonight)),
  'a time that a program writes': (text) => nothing(readInstant(text)),
  'an option': (text) => nothing([wholeNumber(1, 5)(text), instant(text)]),
  'a body': (text) =>
    [
      describeBody(text, headersOf('')),
      String(isWebPage(text, headersOf(text))),
      String(parseJson(text)),
    ].slice(0, 1),
  'a header': (text) => {
    createPace().heed(headersOf(text));
    const said = challengeOf({ status: 403, text, headers: headersOf(text) })?.message ?? '';
    return [said, String(parseRetryAfter(text))];
  },
  "the API's words": (text) => {
    const errors = [{ code: 1, message: text, error_chain: [{ message: text }] }];
    return [describeProblems(readVerdict({ success: false, errors }).problems, secret)];
  },
  'a page': (text) =>
    nothing(organizationsPageSchema.safeParse(bodyOf({ id: text, name: text, status: text, roles: [text] }))),
  'a page of memberships': (text) => nothing(readMembershipsPage(text)),
  'an id': (text) =>
    nothing([isIdentifier(text), userSchema.safeParse({ success: true, result: { id: text } })]),
  'an invitation': (text) =>
    nothing(
      invitesSchema.safeParse(
        bodyOf({ id: text, organization_id: text, invited_by: text, expires_on: text }),
      ),
    ),
  'what a mail server says': (text) => {
    const server = {
      host: 'mail.example.com',
      port: 587,
      tls: 'off',
      clientName: null,
      login: { user: 'ops', password: secret },
    } as const;
    const error = Object.assign(new Error(text), { responseCode: 550, response: text, command: text });
    return nothing([quoteServer(text, server), classifyFailure(error, { handedOver: false, hasFile: true })]);
  },
  'what a webhook answers': (text) => {
    const outcome = judgeAnswer({ status: 400, text }, { where: 'webhook:0', secrets: [secret] });
    return 'error' in outcome ? [visible(outcome.error, 1_000)] : [];
  },
  'a report for a webhook': (text) => {
    const json = jsonOf(composeReport(aRun(), { changes: changesWith(text) }, voice));
    return nothing(JSON.parse(json));
  },
  'a report for Slack': (text) => {
    const json = jsonOf(composeReport(aRun(), { changes: changesWith(text) }, voice));
    const told = JSON.stringify(JSON.parse(writeSlack(json)), null, 1);
    return told.split('\n').flatMap((line) => line.split('\\n'));
  },
  'a report': (text) => linesOf(composeReport(aRun(), { changes: changesWith(text) }, voice)),
  'a failure': (text) =>
    linesOf(
      composeFailureReport(
        {
          runId: 1,
          principal: 'x',
          source: 'organizations',
          state: 'failed',
          error: text,
          code: null,
          requests: 1,
          finishedAt: tonight,
          lastComplete: null,
        },
        voice,
      ),
    ),
  'a CSV': (text) => nothing(writeCsv(changesWith(text).slice(1))),
  'a CSV for spreadsheets': (text) =>
    nothing([...readCsv(writeCsvFile('x', tonight, changesWith(text))?.content.slice(1) ?? '')]),
  'a CSV that is read back': (text) => failing(() => [...readCsv(text)]),
  'a header of a mail': (text) =>
    nothing([encodeWords(text), listIdOf(text, `rollcall@${text}`), threadingOf(`<${text}>`)]),
  'a change on a terminal': (text) => changesWith(text).map(describeChange),
  'a table on a terminal': (text) => {
    const columns = [{ heading: 'name', isWhole: false }];
    const short = text.slice(0, 2_000);
    return [null, 60].flatMap((width) =>
      layOutTable(columns, [{ cells: [short], note: short }], { width }).split('\n'),
    );
  },
  'a log': logged,
  'a variable': (text) => {
    for (const name of variables) {
      try {
        loadConfig({ [name]: text }, folder);
      } catch (error) {
        if (!(error instanceof RollcallError)) throw error;
      }
    }
    return [];
  },
  'a configuration file': (text) => configured('rollcall.yaml', text.slice(0, 30_000)),
  'a text in a configuration file': (text) =>
    configured(
      'rollcall.yaml',
      JSON.stringify({ schedule: text, [text]: 1, principals: [{ name: text, apiToken: text }] }),
    ),
  'a .env file': (text) => configured('.env', text),
  'a schedule': (text) => nothing([findCronFault(text), isTimeZone(text)]),
  'the URL of a database': (text) => nothing(parsePostgresUrl(new Secret(`postgres://${text}`))),
  'the URL of a mail server': (text) => nothing(parseSmtpUrl(new Secret(`smtp://${text}`))),
  'a fault of the simulator': (text) => nothing(parseFault(text)),
};

function readMembershipsPage(text: string): unknown {
  const scope = { key: text, objects: [{ key: text }] };
  const policy = {
    access: text,
    permission_groups: [{ name: text }],
    resource_groups: [{ name: text, scope }],
  };
  const account = { id: 'x', name: text, managed_by: { parent_org_id: text, parent_org_name: text } };
  const row = { id: text, account, status: text, roles: [text], permissions: { [text]: { read: true } } };
  return membershipsSource.parse(bodyOf({ ...row, id: 'x', policies: [policy] }), createInterning());
}
