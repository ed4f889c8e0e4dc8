import stringWidth from 'string-width';
import { type Terminal } from './terminal.ts';

/**
 * A line in lines of at most `width` columns, broken between words, and within a word that is wider than that. Nothing of
 * it is lost but the blank at which it is broken. Wide characters count as terminals draw them.
 */
export function wrapLine(text: string, width: number): string[] {
  const lines = [''];
  for (const [index, word] of text
    .split(' ')
    .flatMap((one) => fitWord(one, width))
    .entries()) {
    const last = lines.length - 1;
    const longer = index === 0 ? word.text : `${lines[last] ?? ''}${word.isFirst ? ' ' : ''}${word.text}`;
    if (index === 0 || (word.isFirst && stringWidth(longer) <= width)) lines[last] = longer;
    else lines.push(word.text);
  }
  return lines;
}

/** A terminal whose results are wrapped between words, further in, where they are wider than it is. */
export function wrapped(terminal: Terminal): Terminal {
  return { ...terminal, print: (text) => terminal.print(wrapLines(text, terminal.width)) };
}

/** Text of several lines for a terminal of that width: what goes on, goes on below where its line began, and further in. */
export function wrapLines(text: string, width: number | null): string {
  if (width === null) return text;
  return text
    .split('\n')
    .map((line) => wrapUnder(line, width))
    .join('\n');
}

function wrapUnder(line: string, width: number): string {
  if (stringWidth(line) <= width) return line;
  const [blanks = ''] = /^ */.exec(line) ?? [];
  const indent = ' '.repeat(Math.min(blanks.length, Math.floor(width / 2)));
  const [first = '', ...others] = wrapLine(line.slice(blanks.length), width - indent.length - 2);
  return [indent + first, ...others.map((other) => `${indent}  ${other}`)].join('\n');
}

interface Word {
  text: string;
  /** Whether a blank goes before it; it is the rest of a word that was broken where not. */
  isFirst: boolean;
}

function fitWord(word: string, width: number): Word[] {
  if (stringWidth(word) <= width) return [{ text: word, isFirst: true }];
  const pieces = [''];
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    const last = pieces.length - 1;
    const longer = `${pieces[last] ?? ''}${segment}`;
    if (stringWidth(longer) <= width || pieces[last] === '') pieces[last] = longer;
    else pieces.push(segment);
  }
  return pieces.map((text, index) => ({ text, isFirst: index === 0 }));
}
