import { Command } from 'commander';
import stringWidth from 'string-width';
import { checkAll } from '../checks/all.ts';
import { type Check } from '../checks/check.ts';
import { findRecipients, listRecipients } from '../checks/recipients.ts';
import { type Config, listSources, loadConfig, selectPrincipals } from '../config.ts';
import { systemNow } from '../context/clock.ts';
import { RollcallError } from '../domain/errors.ts';
import { visible } from '../domain/visible.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { collect } from '../terminal/options.ts';
import { printJson } from '../terminal/json.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { wrapLine, wrapLines } from '../terminal/wrap.ts';

interface CheckOptions {
  principal?: string[];
  sendTestMail?: boolean;
  to?: string[];
  json?: boolean;
}

/**
 * `rollcall check`: prints a line for each thing that a night needs; status 1 when one fails, 0 with warnings alone.
 */
export function checkCommand(terminal: Terminal, setStatus: SetStatus): Command {
  return new Command('check')
    .description(
      'Says whether it would work tonight, in one line for each thing that a run needs. It changes nothing: the database is neither made nor migrated, and no mail is sent unless you ask for one.',
    )
    .option('--principal <name>', 'only this principal (repeatable)', collect)
    .option(
      '--send-test-mail',
      'send a sample of a report, marked as a test, to everybody who gets reports, and a test event to each webhook',
    )
    .option('--to <recipient>', 'with --send-test-mail: only to this recipient (repeatable)', collect)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall check\n  rollcall check --send-test-mail --to security@example.com',
    )
    .action(async ({ principal, json = false, ...options }: CheckOptions) => {
      const config = loadConfig();
      const checks = await checkAll({
        config,
        sources: listSources(),
        principals: selectPrincipals(config, principal),
        testTo: findTestRecipients(config, options),
        now: systemNow(),
        signal: terminal.signal,
        onWaiting: (names) => names.length > 0 && terminal.progress(`waiting for ${names.join(', ')}…`),
      });
      const failed = checks.filter(({ state }) => state === 'fail');
      const isWell = failed.length === 0;
      if (json) printJson(terminal, { ok: isWell, checks });
      else
        terminal.print(
          [
            ...layOutChecks(checks, terminal.width),
            ...(isWell ? ['', wrapLines(concludeWell(checks), terminal.width)] : []),
          ].join('\n'),
        );
      if (!isWell) terminal.warn(concludeFailed(failed));
      setStatus(isWell ? 0 : 1);
    });
}

/** Those who are to be sent a test. Throws `usage` where that is not clear. */
function findTestRecipients({ audiences }: Config, { sendTestMail = false, to }: CheckOptions): string[] {
  if (!sendTestMail && to !== undefined) {
    throw new RollcallError(
      'usage',
      '--to says to whom --send-test-mail sends, which is not given. Nothing was sent.',
    );
  }
  if (!sendTestMail) return [];
  return to === undefined ? listRecipients(audiences) : findRecipients(audiences, to);
}

const marks = { ok: 'ok', warn: 'warn', fail: 'FAIL' };

/** The least width for what was found beside its name; a narrower terminal has it below. */
const leastText = 30;

/** One line each, on a terminal wrapped: the state, what it is about, what was found, and the remedy. */
function layOutChecks(checks: readonly Check[], width: number | null): string[] {
  const names = checks.map((check) => stringWidth(nameOf(check)));
  const longest = Math.max(...names);
  const room = (width ?? Infinity) - longest - 8;
  return checks.map((check, index) => {
    const mark = marks[check.state].padEnd(4);
    const name = `${mark}  ${nameOf(check)}`;
    const text = visible(textOf(check), Infinity);
    if (width !== null && room < leastText) return wrapLines(`${name}\n    ${text}`, width);
    const gap = ' '.repeat(longest - (names[index] ?? 0) + 2);
    const [first = '', ...others] = width === null ? [text] : wrapLine(text, room);
    return [`${name}${gap}${first}`, ...others.map((line) => ' '.repeat(longest + 8) + line)].join('\n');
  });
}

/** `credentials ops-bot` */
function nameOf({ check, principal }: Check): string {
  const what = check.replaceAll('_', ' ');
  return principal === undefined ? what : `${what} ${visible(principal)}`;
}

function textOf({ found, remedy }: Check): string {
  return remedy === null ? found : `${found}. ${remedy}`;
}

function concludeWell(checks: readonly Check[]): string {
  const warnings = checks.filter(({ state }) => state === 'warn').length;
  if (warnings === 0) return 'It would work tonight.';
  return `It would work tonight, with ${warnings === 1 ? 'one warning' : `${warnings} warnings`}.`;
}

function concludeFailed(failed: readonly Check[]): string {
  const names = [...new Set(failed.map(nameOf))].join(', ');
  return `rollcall: It would not work tonight: ${names} failed.`;
}
