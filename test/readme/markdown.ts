import { readFileSync } from 'node:fs';
import path from 'node:path';

export const projectFolder = path.join(import.meta.dirname, '../..');

export const readme = readFileSync(path.join(projectFolder, 'README.md'), 'utf8');

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

/** What stands under a heading, up to the next heading of any level. */
export function sectionOf(markdown: string, heading: string): string {
  const [, section] = `\n${proseOf(markdown)}`.split(`\n${heading}\n`);
  if (section === undefined) throw new Error(`The README has no heading "${heading}".`);
  return section.split(/^#/m)[0] ?? '';
}

/** The rows of the first table, heading and rule left out; each cell as it is written. */
export function tableOf(markdown: string): string[][] {
  const lines = markdown.slice(markdown.search(/^\|/m)).split('\n');
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
