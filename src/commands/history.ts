import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { systemNow } from '../context/clock.ts';
import { withDatabase } from '../context/database.ts';
import { type Database } from '../database/database.ts';
import { RollcallError } from '../domain/errors.ts';
import { type Episode } from '../domain/story.ts';
import { visible } from '../domain/visible.ts';
import { listObserved } from '../history/known.ts';
import { readStories, type Story } from '../history/stories.ts';
import { describeEpisode, episodeColumns, episodeRow } from '../terminal/episode-row.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { instant, principalOption, requirePeriod } from '../terminal/options.ts';
import { findThoseMeant } from '../terminal/organizations-meant.ts';
import { findPrincipalMeant } from '../terminal/principal-meant.ts';
import { printRows, type RowOptions, withRowOptions } from '../terminal/rows.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { wrapLines } from '../terminal/wrap.ts';

interface HistoryOptions extends RowOptions {
  principal?: string;
  since?: Date;
  until?: Date;
}

/** `rollcall history ORGANIZATION`: prints the whole story of one organization, for each principal. */
export function historyCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  const command = new Command('history')
    .description(
      "Prints one organization's whole story for each principal, oldest first: how its membership was, what changed, when it was absent, and when nobody looked.",
    )
    .argument('<organization>', 'its id, or its whole name, whatever the case')
    .addOption(principalOption())
    .option('--since <time>', 'what lasted beyond this time: ISO 8601, or an age such as 30d', instant)
    .option('--until <time>', 'what began before this time', instant);
  return withRowOptions(command)
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall history "Acme Ltd"\n  rollcall history acme --since 90d --json',
    )
    .action(async (organization: string, options: HistoryOptions) => {
      requirePeriod(options);
      const config = loadConfig();
      await withDatabase(config, async ({ db }) => {
        const principal = await findPrincipalMeant(db, config, options.principal);
        const { organizationIds = [] } = await findThoseMeant(terminal, db, organization);
        const found = await readStories(db, { ...principal, organizationIds }, systemNow());
        requireObserved(found, options);
        const whenEmpty = found.length > 0 ? '' : await describeNone(db, organization, options);
        printStories(terminal, found, { ...options, whenEmpty });
      });
    });
}

/** Throws `usage` for a period that ended before anybody looked. */
function requireObserved(stories: readonly Story[], { until }: HistoryOptions): void {
  const begins = stories
    .map(({ observed }) => observed.first.at)
    .sort((left, right) => left.getTime() - right.getTime());
  const [first] = begins;
  if (until === undefined || first === undefined || first < until) return;
  throw new RollcallError(
    'usage',
    `Nothing was observed before ${first.toISOString()}, when the first run was complete.`,
  );
}

function printStories(
  terminal: Terminal,
  stories: readonly Story[],
  { whenEmpty, ...options }: HistoryOptions & { whenEmpty: string },
): void {
  const told = stories.map((story) => {
    const episodes = story.episodes.filter((episode) => isWithin(episode, options));
    return { story, episodes, rows: episodes.map((episode) => episodeRow(story, episode)) };
  });
  const columns = episodeColumns;
  const rows = told.flatMap((one) => one.rows);
  if (options.json === true || options.csv === true || rows.length === 0) {
    printRows(terminal, { rows, columns, table: [], whenEmpty }, options);
    return;
  }
  for (const [index, { story, episodes, rows: own }] of told.entries()) {
    if (own.length === 0) continue;
    terminal.print(wrapLines(`${index === 0 ? '' : '\n'}${describeStory(story)}`, terminal.width));
    const note = (row: number) => describeEpisode(story, episodes[row]);
    const layout = { columns, table: ['from', 'to', 'what'], whole: ['what'] };
    printRows(terminal, { rows: own, ...layout, whenEmpty, note }, {});
  }
}

async function describeNone(
  db: Database,
  organization: string,
  { principal }: HistoryOptions,
): Promise<string> {
  const [observed] = await listObserved(db, principal);
  const who = principal ?? 'Nobody';
  return observed?.since == null
    ? `Nothing was observed of ${who} yet: no run is complete.`
    : `${who} was not seen in ${organization}: it is observed since ${observed.since.toISOString()}.`;
}

function describeStory({ principal, organizationId, organizationName }: Story): string {
  return organizationName === null
    ? `${principal} in ${organizationId}`
    : `${principal} in ${visible(organizationName)} (${organizationId})`;
}

/** A change by when it was seen, as `rollcall changes` has it; all else by whether it lasted at that time. */
function isWithin(episode: Episode, { since, until }: HistoryOptions): boolean {
  if (episode.event === 'change') {
    const { notAfter } = episode.change;
    return (since === undefined || notAfter >= since) && (until === undefined || notAfter < until);
  }
  const { from, to } = episode.event === 'gap' ? episode.gap : episode.interval;
  return (since === undefined || to === null || to > since) && (until === undefined || from < until);
}
