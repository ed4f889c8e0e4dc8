import {
  type Content,
  type FootLine,
  type Line,
  type Organization,
  type Section,
  type Step,
} from '../content.ts';
import { writeNightsText } from './nights.ts';
import { writeOverviewText } from './principals-table.ts';

/** A report as plain text, its lines ended by LF. */
export function writeText(content: Content): string {
  const { headline, alert, steps, paragraphs, sections, overview, nights, notes, foot } = content;
  const blocks = [
    headline,
    ...(alert === null ? [] : [`! ${alert}`]),
    ...(steps.length === 0 ? [] : [writeSteps(steps)]),
    ...paragraphs,
    ...sections.map(writeSection),
    ...(overview === undefined ? [] : [writeOverviewText(overview)]),
    ...(nights === undefined ? [] : [writeNightsText(nights)]),
    ...notes,
    writeFoot(foot),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function writeSteps(steps: readonly Step[]): string {
  return [
    'NEXT',
    ...steps.flatMap(({ text, command, href }) => [`  ${text}:`, `    ${command ?? href ?? ''}`]),
  ].join('\n');
}

function writeSection({ title, count, remark, lines, more }: Section): string {
  return [
    `${title.toUpperCase()} (${count})`,
    ...(remark === null ? [] : [remark]),
    '',
    ...lines.flatMap(writeLine),
    ...(more > 0 ? [`  and ${more} more in the CSV`] : []),
  ].join('\n');
}

function writeLine(line: Line): string[] {
  const { fold, count, organizations, alert, notes, ids, details, moreDetails } = line;
  const small = ids === null ? '' : ` (${ids})`;
  const remarks = [...(alert === null ? [] : [alert.toUpperCase()]), ...notes];
  const told = remarks.length === 0 ? '' : ` — ${remarks.join(', ')}`;
  const [one] = organizations;
  return [
    ...(fold === null && one !== undefined
      ? [`  ${nameWithId(one)}${told}${small}`]
      : [`  ${fold ?? 'Changed'} (${count}): ${nameAll(organizations, count)}${told}${small}`]),
    ...details.map(({ sign, text }) => `    ${sign} ${text}`),
    ...(moreDetails > 0 ? [`    and ${moreDetails} more in the CSV`] : []),
  ];
}

function nameWithId({ name, id }: Organization): string {
  return name === null ? id : `${name} (${id})`;
}

function nameAll(organizations: readonly Organization[], count: number): string {
  const more = count - organizations.length;
  const names = organizations.map(({ name, id }) => name ?? id).join(', ');
  return more === 0 ? names : `${names}, … and ${more} more in the CSV`;
}

function writeFoot(foot: readonly FootLine[]): string {
  const width = Math.max(...foot.map(({ label }) => label.length));
  return ['--', ...foot.map(({ label, value }) => `${label.padEnd(width)}  ${value}`)].join('\n');
}
