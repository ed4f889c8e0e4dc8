import { type Variable, variables } from '../config/variables.ts';

/** The environment variables as `rollcall --help` lists them. */
export function describeVariables(): string {
  const width = Math.max(...Object.keys(variables).map((name) => name.length));
  const lines = Object.entries<Variable>(variables).map(([name, variable]) => {
    const fallback = variable.default === undefined ? '' : ` (default: ${variable.default})`;
    return `  ${name.padEnd(width)}  ${wrap(`${variable.description}${fallback}`, 76 - width, `\n${' '.repeat(width + 4)}`)}`;
  });
  return [
    '',
    'Environment (also read from .env; a secret also as NAME_FILE, a path to a file that holds it):',
    ...lines,
    '',
    'Exit status: 0 all went well; 1 something failed, and standard error says what; 2 wrong usage or',
    'configuration, and nothing was done.',
    '',
    'Try it with nothing configured:  npm run demo',
  ].join('\n');
}

function wrap(text: string, width: number, newLine: string): string {
  return text.replaceAll(new RegExp(`(?=.{${width + 1}})(.{1,${width}}) `, 'g'), `$1${newLine}`);
}
