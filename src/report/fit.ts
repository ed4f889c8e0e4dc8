import { type Content, type Line, type Section } from './content.ts';
import { writeHtml } from './forms/html.ts';
import { type Overview } from './overview.ts';

/** How large the HTML of a mail may be, in bytes. Gmail cuts off what is longer than 102 kB. */
export const longestHtmlBytes = 90_000;

/** How much of each section is told. */
interface Measure {
  lines: number;
  details: number;
  /** Organizations of one line. */
  names: number;
  /** Characters of a note. */
  note: number;
  /** Principals of a digest. */
  principals: number;
}

/** From what a section holds anyway to its counts alone: what a line has beside its name goes before the line does. */
const measures: readonly Measure[] = [
  { lines: 20, details: 20, names: 20, note: 10_000, principals: 50 },
  { lines: 20, details: 6, names: 20, note: 500, principals: 40 },
  { lines: 20, details: 2, names: 10, note: 200, principals: 30 },
  { lines: 10, details: 2, names: 5, note: 200, principals: 20 },
  { lines: 4, details: 1, names: 2, note: 100, principals: 15 },
  { lines: 1, details: 1, names: 1, note: 100, principals: 10 },
  { lines: 0, details: 0, names: 0, note: 0, principals: 5 },
];

/**
 * As much of a report as makes a mail of a bearable size, whatever the night. What is left out is counted, and is in the
 * CSV.
 */
export function fitContent(content: Content): Content {
  for (const measure of measures) {
    const candidate = narrowContent(content, measure);
    if (isSmall(candidate)) return candidate;
  }
  return { ...content, sections: [] };
}

function narrowContent(content: Content, measure: Measure): Content {
  return {
    ...content,
    sections: content.sections.map((section) => narrowSection(section, measure)),
    ...(content.overview === undefined ? {} : { overview: narrowOverview(content.overview, measure) }),
  };
}

function narrowOverview(overview: Overview, { principals }: Measure): Overview {
  const rows = overview.rows.slice(0, principals);
  return { ...overview, rows, more: overview.more + overview.rows.length - rows.length };
}

function isSmall(content: Content): boolean {
  return Buffer.byteLength(writeHtml(content)) <= longestHtmlBytes;
}

function narrowSection(section: Section, measure: Measure): Section {
  const lines = section.lines.slice(0, measure.lines).map((line) => narrowLine(line, measure));
  const told = lines.reduce((sum, { count }) => sum + count, 0);
  return { ...section, lines, more: section.count - told };
}

function narrowLine(line: Line, measure: Measure): Line {
  const details = line.details.slice(0, measure.details);
  return {
    ...line,
    organizations: line.organizations.slice(0, measure.names),
    fold: line.fold === null ? null : clip(line.fold, measure.note),
    notes: line.notes.map((note) => clip(note, measure.note)),
    details,
    moreDetails: line.moreDetails + line.details.length - details.length,
  };
}

function clip(text: string, longest: number): string {
  const characters = Array.from(text);
  return characters.length > longest ? `${characters.slice(0, longest).join('')}…` : text;
}
