import { Command } from 'commander';
import { type Config, loadConfig } from '../config.ts';
import { systemNow } from '../context/clock.ts';
import { withDatabase } from '../context/database.ts';
import { type Database } from '../database/database.ts';
import { accessLines, superAdministratorByPolicy } from '../domain/access-lines.ts';
import { RollcallError } from '../domain/errors.ts';
import { nearMs } from '../domain/gap.ts';
import { type Membership } from '../domain/membership.ts';
import { listGaps } from '../history/gaps.ts';
import { findRole, findStatus, listObserved, type Observed } from '../history/known.ts';
import { listMembers, type MemberFilter } from '../history/members.ts';
import { rollColumns, rollRow } from '../report/roll.ts';
import { warnOfGaps } from '../terminal/gap-line.ts';
import { instant, principalOption, requirePast, rowCount } from '../terminal/options.ts';
import { findPrincipalMeant } from '../terminal/principal-meant.ts';
import { findThoseMeant, organizationOption } from '../terminal/organizations-meant.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { printRows, type RowOptions, withRowOptions } from '../terminal/rows.ts';
import { type Terminal } from '../terminal/terminal.ts';

interface MembersOptions extends RowOptions {
  at?: Date;
  organization?: string;
  principal?: string;
  status?: string;
  role?: string;
  limit?: number;
}

const table = ['principal', 'organization_name', 'organization_id', 'status', 'roles', 'since'];

const dispensable = ['since', 'organization_id'];

/** `rollcall members`: prints the current memberships, or with `--at` those known at that time. */
export function membersCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  const command = new Command('members')
    .description('Prints the current memberships, or those of another time.')
    .option('--at <time>', 'as they were known at this time: ISO 8601, or an age such as 30d', instant)
    .addOption(organizationOption())
    .addOption(principalOption())
    .option('--status <status>', 'only those of this status: member, invited, or another that was seen')
    .option(
      '--role <role>',
      'only those with this role, held or offered: its whole name, whatever the case; Super Administrator also by a policy',
    )
    .option('--limit <number>', 'how many at most', rowCount);
  return withRowOptions(command)
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall members --at 2026-03-31T23:59:59Z --csv > march.csv\n  rollcall members --organization "Acme Ltd" --status member',
    )
    .action(async (options: MembersOptions) => {
      const config = loadConfig();
      await withDatabase(config, async ({ db }) => {
        const filter = await readFilter(terminal, { db, config }, options);
        const observed = await listObserved(db, options.principal);
        if (options.at !== undefined) requireObserved(terminal, observed, { ...options, at: options.at });
        const found = await listMembers(db, filter);
        const rows = found.map(({ principal, since, seenAt, ...membership }) =>
          rollRow({ principal, membership, since, seenAt }),
        );
        const whenEmpty = describeNone(observed, options);
        const note = (index: number) => describeByPolicy(found[index]);
        printRows(terminal, { rows, columns: rollColumns, table, dispensable, note, whenEmpty }, options);
        if (options.at !== undefined) await warnOfNobodyThere(terminal, db, { ...options, at: options.at });
      });
    });
}

async function readFilter(
  terminal: Terminal,
  { db, config }: { db: Database; config: Config },
  { at, principal, organization, status, role, limit }: MembersOptions,
): Promise<MemberFilter> {
  if (at !== undefined) requirePast('--at', at);
  return {
    ...(at === undefined ? {} : { at }),
    ...(await findPrincipalMeant(db, config, principal)),
    ...(await findThoseMeant(terminal, db, organization)),
    ...(status === undefined ? {} : { status: await findStatus(db, status) }),
    ...(role === undefined ? {} : { roles: await findRole(db, role) }),
    ...(limit === undefined ? {} : { limit }),
  };
}

/**
 * Throws `usage` for a time before anybody was observed: that there were none then is not known. Warns of those who were
 * not observed yet, and so are not in the answer.
 */
function requireObserved(
  terminal: Terminal,
  observed: readonly Observed[],
  { at, principal }: MembersOptions & { at: Date },
): void {
  const of = principal === undefined ? '' : ` of ${principal}`;
  const since = observed
    .flatMap((one) => one.since ?? [])
    .sort((left, right) => left.getTime() - right.getTime());
  const [first] = since;
  if (first === undefined) {
    throw new RollcallError('usage', `Nothing was observed${of} yet: no run is complete.`);
  }
  if (at < first) {
    throw new RollcallError(
      'usage',
      `Nothing was observed${of} before ${first.toISOString()}, when the first run was complete.`,
    );
  }
  for (const { principal: name, since: own } of observed) {
    if (own !== null && own > at)
      terminal.warn(`Nothing was observed of ${name} before ${own.toISOString()}.`);
  }
}

/** Says whose memberships at that time nobody had looked at: what is told of them is what was known before. */
async function warnOfNobodyThere(
  terminal: Terminal,
  db: Database,
  { at, principal }: MembersOptions & { at: Date },
): Promise<void> {
  const filter = { ...(principal === undefined ? {} : { principals: [principal] }), since: at, until: at };
  const gaps = await listGaps(db, filter, systemNow());
  const missed = gaps.filter(({ from, retiredAt }) => retiredAt === null || isLongAgo(from, at, retiredAt));
  warnOfGaps(terminal, missed, '; the answer has what was known before');
}

/** Whether who was to be observed at that time still had not been for long. */
function isLongAgo(from: Date, at: Date, retiredAt: Date): boolean {
  return at < retiredAt && at.getTime() - from.getTime() > nearMs;
}

/** What the roles of the table do not tell. */
function describeByPolicy(member: Membership | undefined): string {
  if (member === undefined || !accessLines(member).includes(superAdministratorByPolicy)) return '';
  return member.status === 'invited' ? `offer: ${superAdministratorByPolicy}` : superAdministratorByPolicy;
}

function describeNone(observed: readonly Observed[], { at, principal }: MembersOptions): string {
  const [one] = observed;
  const of = principal === undefined ? '' : ` of ${principal}`;
  if (observed.every(({ since }) => since === null))
    return `Nothing was observed${of} yet: no run is complete.`;
  if (principal === undefined || at !== undefined || one?.retiredAt == null) return 'No such memberships.';
  return `${principal} is retired since ${one.retiredAt.toISOString()} and has no current memberships; --at shows those of before.`;
}
