import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const projectFolder = path.join(import.meta.dirname, '../..');

/** Every page for users and developers, by its path from the root: those of the root, and all below docs/. */
export const pages: ReadonlyMap<string, string> = new Map(
  globSync(['*.md', 'docs/**/*.md'], { cwd: projectFolder }).map((file) => [file, readPage(file)]),
);

export const readme = readPage('README.md');

/** A page's text. */
export function readPage(file: string): string {
  return readFileSync(path.join(projectFolder, file), 'utf8');
}

const fence = /^```(?<language>\w*)\n(?<body>.*?)^```$/gms;

/** The fenced blocks, of one language or of all. */
export function blocksOf(markdown: string, language?: string): string[] {
  return [...markdown.matchAll(fence)]
    .filter(({ groups }) => language === undefined || groups?.['language'] === language)
    .map(({ groups }) => groups?.['body'] ?? '');
}

/** All code, in blocks and between backticks. */
export function codeOf(markdown: string): string[] {
  return [...blocksOf(markdown), ...spansOf(proseOf(markdown))];
}

/** What stands between backticks. */
export function spansOf(markdown: string): string[] {
  return [...markdown.matchAll(/`(?<code>[^`]+)`/g)].map(({ groups }) => groups?.['code'] ?? '');
}

/** Everything but the fenced blocks. */
export function proseOf(markdown: string): string {
  return markdown.replaceAll(fence, '');
}

/** What stands under a heading, blocks included, up to the next heading of any level. */
export function sectionOf(markdown: string, heading: string): string {
  const [, section] = `\n${markdown}`.split(`\n${heading}\n`);
  if (section === undefined) throw new Error(`No page has the heading "${heading}".`);
  return section.split(/^#+ /m)[0] ?? '';
}

/** What links to a heading of the page point to. */
export function anchorsOf(markdown: string): string[] {
  return [...proseOf(markdown).matchAll(/^#+ (?<title>.+)$/gm)].map(({ groups }) =>
    (groups?.['title'] ?? '')
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** The rows of the first table, heading and rule left out; each cell as it is written. */
export function tableOf(markdown: string): string[][] {
  const start = markdown.search(/^\|/m);
  if (start === -1) return [];
  const lines = markdown.slice(start).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines
    .slice(2, end === -1 ? undefined : end)
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

/** A cell without its backticks. */
export function plain(cell: string | undefined): string {
  return (cell ?? '').replaceAll('`', '');
}

/** What relative links point to. */
export function relativeLinksOf(markdown: string): string[] {
  return [...markdown.matchAll(/\]\((?<target>[^)\s]+)\)/g)]
    .map(({ groups }) => groups?.['target'] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The one query under a heading of the third level, or its first or second. */
export function queryUnder(page: string, heading: string, position = 0): string {
  const query = blocksOf(sectionOf(page, `### ${heading}`), 'sql')[position];
  if (query === undefined) throw new Error(`There is no query ${position} under "${heading}".`);
  return query;
}
