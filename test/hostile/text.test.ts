import { InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { RollcallError } from '../../src/domain/errors.ts';
import { hiddenCharacter } from '../support/settled.ts';
import { readers, type Reader, removeFolder } from './readers.ts';
import { fuzz, hostileText, longTexts } from './shapes.ts';

/**
 * Long enough that a pattern that looks again from every blank takes seconds for each text of blanks, where one that does not
 * takes a few milliseconds: the test's time limit tells them apart, on any machine.
 */
const length = 100_000;
const long = longTexts(length);

afterAll(removeFolder);

describe.each(Object.entries(readers))('%s', (_, read) => {
  it('of 100,000 characters takes no time that grows with the square', { timeout: 30_000 }, () => {
    for (const text of long) readAndLook(read, text);
  });

  it('of whatever characters is told without one that hides, or refused by an error of ours', () => {
    fc.assert(
      fc.property(hostileText, (text) => readAndLook(read, text)),
      { ...fuzz, endOnFailure: true },
    );
  });
});

function readAndLook(read: Reader, text: string): void {
  for (const line of linesOf(read, text)) {
    expect(line.slice(0, 100_000)).not.toMatch(hiddenCharacter);
    expect(line).not.toContain('[object ');
  }
}

function linesOf(read: Reader, text: string): readonly string[] {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof RollcallError) return error.message.split('\n');
    if (error instanceof InvalidArgumentError) return [error.message];
    throw error;
  }
}
