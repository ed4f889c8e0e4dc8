import { type ChangeKind } from '../../domain/change.ts';
import { isByPolicy, superAdministratorFirst } from '../../domain/access.ts';
import { inert } from '../../domain/inert.ts';
import { policyInWords } from '../../domain/policy.ts';
import {
  type EventChange,
  type EventPrincipal,
  type ReportEvent,
  type ReportEventData,
} from '../../domain/report-event.ts';
import { describeConsequences, describeHeldByPolicy, nameSourceChange } from '../../domain/source-change.ts';
import { endsTwoFactors, parentIdsOf, turnInWords } from '../../domain/turn.ts';
import { visible } from '../../domain/visible.ts';

/** Slack's own bounds are 50 blocks, 150 characters of a header and 3,000 of a text. */
const longestHeader = 150;
const longestText = 3_000;

/** Characters of what a server said. */
const longestReason = 500;

/** Discord takes no more than 2,000. */
const longestSummary = 1_500;

/** How many changes of each kind, or principals of a digest, are told one by one. */
const mostLines = 20;

/** How many roles of a change are told. */
const mostRoles = 5;

interface PlainText {
  type: 'plain_text';
  text: string;
  emoji: false;
}

/** Slack makes links of nothing in it, and formats it. */
interface Formatted {
  type: 'mrkdwn';
  text: string;
  verbatim: true;
}

type Block =
  | { type: 'header'; text: PlainText }
  | { type: 'section'; text: PlainText | Formatted }
  | { type: 'context'; elements: readonly PlainText[] };

/**
 * A report as Slack's blocks, of the JSON that was stored of it; `text` is what notifications show, and all that
 * Mattermost and Discord read. What strangers chose is text: no link, no mention, no formatting.
 */
export function writeSlack(json: string): string {
  const { data } = JSON.parse(json) as ReportEvent;
  return JSON.stringify({ text: summarize(data), blocks: writeBlocks(data) });
}

function writeBlocks(data: ReportEventData): Block[] {
  const { headline, counts, changes, principals, principals_left_out } = data;
  const kinds = Object.entries(counts) as [ChangeKind, number][];
  const facts = footOf(data);
  return [
    { type: 'header', text: plain(headline, longestHeader) },
    ...warningsOf(data, headline).map((warning) => section(plain(warning))),
    ...(data.needs.length === 0
      ? []
      : [section(plain(joinToFit('Needs you', data.needs, data.needs.length)))]),
    ...(data.do_next.length === 0 ? [] : [section(commands(data.do_next))]),
    ...sourceChangeIn(data).map((text) => section(plain(text))),
    ...kinds.map(([kind, count]) => section(plain(listChanges(kind, count, changes)))),
    ...(principals.length === 0 ? [] : [section(plain(listNights(principals, principals_left_out)))]),
    ...(facts === '' ? [] : [{ type: 'context', elements: [plain(facts)] } as const]),
  ];
}

/** That it was read from another source; a report that was stored by an earlier version does not say. */
function sourceChangeIn({ run }: ReportEventData): string[] {
  const change = run?.source_change ?? null;
  if (change === null) return [];
  return [
    `It was ${nameSourceChange(change)}. ${describeConsequences(change)} ${describeHeldByPolicy(change, change.held_by_policy)}`,
  ];
}

/** What must not be overlooked, and why it is so, unless that or the title says so already. */
function warningsOf({ alert, reason }: ReportEventData, title: string): string[] {
  const isSaid = reason == null || title.includes(reason) || alert?.includes(reason) === true;
  return [...(alert === null ? [] : [alert]), ...(isSaid ? [] : [inert(reason, longestReason)])];
}

function section(text: PlainText | Formatted): Block {
  return { type: 'section', text };
}

function plain(text: string, longest = longestText): PlainText {
  return { type: 'plain_text', text: escapeToFit(withoutLinks(text), longest), emoji: false };
}

/** As code, which is easily copied, unless a name among the words would end that. */
function commands(next: readonly string[]): PlainText | Formatted {
  const lines = next.map((command) => visible(command, 500)).join('\n');
  if (lines.includes('`')) return plain(lines);
  return { type: 'mrkdwn', text: `\`\`\`${escapeToFit(lines, longestText - 6)}\`\`\``, verbatim: true };
}

function listChanges(kind: ChangeKind, count: number, changes: readonly EventChange[]): string {
  const isPlain = (change: EventChange) =>
    Number(change.super_administrator === null && !endsTwoFactors(change));
  const told = changes
    .filter((change) => change.kind === kind)
    .toSorted((left, right) => isPlain(left) - isPlain(right))
    .slice(0, mostLines);
  const words = kind.replaceAll('_', ' ');
  const title = `${words.charAt(0).toUpperCase()}${words.slice(1)} (${count})`;
  return joinToFit(title, told.map(describeChange), count);
}

/** `• Acme (id): + Billing, − Administrator; SUPER ADMINISTRATOR LOST` */
function describeChange(change: EventChange): string {
  const { organization_name: name, organization_id, added, removed } = change;
  const id = inert(organization_id);
  const roles = [...signed('+', change, added), ...signed('−', change, removed)];
  const more = added.length + removed.length - mostRoles;
  const told = [...roles.slice(0, mostRoles), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
  const rest = [told, turnOf(change), alertOf(change)].filter(Boolean).join('; ');
  return `• ${name === null ? id : `${inert(name)} (${id})`}${rest === '' ? '' : `: ${rest}`}`;
}

/** Roles, permissions, or the policies in words; those that give Super Administrator are never left out. */
function signed(sign: string, { kind, organization_id }: EventChange, set: readonly string[]): string[] {
  return superAdministratorFirst(set)
    .slice(0, mostRoles)
    .map((text) => (kind === 'policies_changed' ? policyInWords(text, organization_id) : text))
    .map((text) => `${sign} ${inert(text, 100)}`);
}

/** What a flag or a parent turned to: `parent Acme Group, before none (8d3f…)`. */
function turnOf(change: EventChange): string {
  const turn = turnInWords(change) ?? '';
  const ids = parentIdsOf(change);
  return ids === null ? (endsTwoFactors(change) ? turn.toUpperCase() : turn) : `${turn} (${ids})`;
}

function alertOf(change: EventChange): string {
  const { super_administrator: superAdministrator } = change;
  if (superAdministrator === null) return '';
  const by = isByPolicy({ ...change, superAdministrator }) ? ' BY A POLICY' : '';
  return `SUPER ADMINISTRATOR ${superAdministrator.replaceAll('_', ' ').toUpperCase()}${by}`;
}

function listNights(principals: readonly EventPrincipal[], leftOut: number): string {
  const lines = principals
    .slice(0, mostLines)
    .map(({ principal, complete, held, failed, missed, ...standing }) => {
      const { members, invited } = standing;
      const nights = `${complete} nights complete, ${failed} failed, ${missed} missed${held === 0 ? '' : `, ${held} held`}`;
      const now = members === null ? '' : `; a member of ${members}, invited to ${invited ?? 0}`;
      return `• ${inert(principal)}: ${nights}${now}`;
    });
  return joinToFit('Nights', lines, principals.length + leftOut);
}

/** As many lines as there is room for, and how many more there are. */
function joinToFit(title: string, lines: readonly string[], count: number): string {
  const told: string[] = [];
  let length = title.length;
  for (const line of lines) {
    length += escapeText(line).length + 1;
    if (length > longestText - 100) break;
    told.push(line);
  }
  const more = count - told.length;
  return [title, ...told, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

function footOf({ run, csv }: ReportEventData): string {
  if (run === null) return '';
  const { id, not_before, not_after, finished_at, members, invited, chain } = run;
  return [
    `Run ${id}`,
    not_before === null || not_after === null ? finished_at : `${not_before} to ${not_after}`,
    ...(members === null ? [] : [`a member of ${members}, invited to ${invited ?? 0}`]),
    ...(csv === null ? [] : [`CSV ${visible(csv.filename)}, SHA-256 ${csv.sha256}`]),
    ...(chain === null ? [] : [`chain head ${visible(chain)}`]),
  ].join(' · ');
}

/** What is seen without blocks, by programs that know other ways of formatting and of calling people. */
function summarize(data: ReportEventData): string {
  const next = data.do_next.map((command) => `Next: ${command}`);
  const text = [data.subject, ...warningsOf(data, data.subject), ...next]
    .map((line) => visible(line, 700))
    .join('\n')
    .replaceAll(/(?<!\[)[@\uFF20](?=\S)/g, '[$&]')
    .replaceAll('`', "'");
  return escapeToFit(withoutLinks(text), longestSummary);
}

/** Nothing that Markdown makes a link of. */
function withoutLinks(text: string): string {
  return text.replaceAll('](', '] (');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Cut between characters, and not within what stands for one. */
function escapeToFit(text: string, longest: number): string {
  const escaped = escapeText(text);
  if (escaped.length <= longest) return escaped;
  return `${escaped.slice(0, longest - 1).replace(/&[a-z]*$|[\uD800-\uDBFF]$/, '')}…`;
}
