import { type Content, type FootLine, type Line, type Section } from '../content.ts';

/** A report as plain text, its lines ended by LF. */
export function writeText({ headline, alert, paragraphs, sections, foot }: Content): string {
  const blocks = [
    headline,
    ...(alert === null ? [] : [`! ${alert}`]),
    ...paragraphs,
    ...sections.map(writeSection),
    writeFoot(foot),
  ];
  return `${blocks.join('\n\n')}\n`;
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

function writeLine({ organizationName, organizationId, alert, notes, details, moreDetails }: Line): string[] {
  const organization = organizationName === null ? organizationId : `${organizationName} (${organizationId})`;
  const remarks = [...(alert === null ? [] : [alert.toUpperCase()]), ...notes];
  return [
    `  ${[organization, ...(remarks.length === 0 ? [] : [remarks.join(', ')])].join(' — ')}`,
    ...details.map(({ sign, text }) => `    ${sign} ${text}`),
    ...(moreDetails > 0 ? [`    and ${moreDetails} more in the CSV`] : []),
  ];
}

function writeFoot(foot: readonly FootLine[]): string {
  const width = Math.max(...foot.map(({ label }) => label.length));
  return ['--', ...foot.map(({ label, value }) => `${label.padEnd(width)}  ${value}`)].join('\n');
}
