import { CronExpressionParser } from 'cron-parser';
import { validateDetailed } from 'node-cron';
import { describeError } from '../domain/errors.ts';

/**
 * Why a cron expression cannot be used, or `null` when it can. It has to be one that both node-cron, the clock, and
 * cron-parser, which finds the slots that the clock missed, can read: node-cron alone reads `15W` or `22-2`.
 */
export function findCronFault(expression: string): string | null {
  const { valid, errors } = validateDetailed(expression);
  if (!valid) {
    const [first] = errors;
    return first === undefined
      ? 'expected a cron expression'
      : `expected a cron expression: ${first.message}`;
  }
  if (restrictsBothDays(expression)) {
    return 'expected a day of the month or a day of the week, not both: crontab would run on either, node-cron only on both';
  }
  return findParserFault(expression);
}

function findParserFault(expression: string): string | null {
  try {
    CronExpressionParser.parse(expression);
    return null;
  } catch (error) {
    return `expected a cron expression: ${describeError(error)}`;
  }
}

function restrictsBothDays(expression: string): boolean {
  const fields = expression.trim().split(/\s+/);
  const [dayOfMonth, , dayOfWeek] = fields.slice(-3);
  return fields.length >= 5 && isRestricted(dayOfMonth) && isRestricted(dayOfWeek);
}

function isRestricted(field: string | undefined): boolean {
  return field !== undefined && field !== '*' && field !== '?';
}

/** Whether this is a time zone that the runtime knows, such as `Europe/Madrid`. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
