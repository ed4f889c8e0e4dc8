import fc from 'fast-check';

/** Seed and number of runs of what is made up; more by hand: FUZZ_RUNS=100000 FUZZ_SEED=2 npx vitest run --project unit test/hostile */
export const fuzz = {
  numRuns: Number(process.env['FUZZ_RUNS'] ?? 200),
  seed: Number(process.env['FUZZ_SEED'] ?? 1),
};

/** What patterns try again and again, and parsers nest. */
const repeated = [
  ...[
    ' ',
    '\t',
    '\n',
    ' \n',
    '\u00A0',
    'a',
    'a ',
    '-',
    '.',
    ':',
    '/',
    '"',
    '\\"',
    '(',
    '{',
    '[',
    '<',
    '&',
    '${',
  ],
  ...['; ', '= ', '@', 'a@', 'a.', '1', '0.'],
];

/** What terminals, mail programs and spreadsheets obey, and what breaks in the middle. */
const obeyed = [
  ...[
    '\0',
    '\r\n',
    '\u001B[2J',
    '\u009B',
    '\u202E',
    '\u2066',
    '\u2028',
    '\u200D',
    '\uFEFF',
    '\uD83D',
    'e\u0301',
    '👩‍💻',
    '界',
  ],
  ...[
    "'",
    '`',
    '\\',
    '=',
    '*a ',
    '&a ',
    '://',
    'http://a.b',
    'x: ',
    '- ',
    '? ',
    '!!',
    '%2',
    '__proto__',
    'constructor',
  ],
];

/** Texts of this length, each of one unit over and over, with something at its end that lets no pattern match. */
export function longTexts(length: number): string[] {
  return repeated.flatMap((unit) => {
    const text = unit.repeat(Math.ceil(length / unit.length));
    return [`x${text}\u0001`, `${text}=x`];
  });
}

/** A text of any characters, and of what means something to a parser or a terminal. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...repeated, ...obeyed), fc.string({ unit: 'binary' })), {
    maxLength: 12,
  })
  .map((pieces) => pieces.join(''));
