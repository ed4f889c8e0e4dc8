import { superAdministratorFirst } from '../domain/access.ts';
import { describeStatus } from '../domain/difference.ts';
import { columnOf, fieldNames, type Membership, membershipRow } from '../domain/membership.ts';
import { type Episode, type Interval, type Observed } from '../domain/story.ts';
import { type Story } from '../history/stories.ts';
import { changeColumnNames, changeRow } from '../report/columns.ts';
import { describeDetails } from './change-line.ts';
import { describeGap, describeReason } from './gap-line.ts';
import { type Row } from './rows.ts';

const ownColumns = [
  'principal',
  'organization_id',
  'organization_name',
  'event',
  'what',
  'from',
  'to',
  'seen_at',
  'run_id',
  'ended_run_id',
  'reason',
  ...fieldNames.map(columnOf).filter((name) => name !== 'organization_name'),
];

/** The window of a change is where it lies between `from` and `to`. */
const toldOtherwise = new Set([...ownColumns, 'not_before', 'not_after']);

/** The columns of an episode: its own, and those of a change. Columns are added only at the right. */
export const episodeColumns: readonly string[] = [
  ...ownColumns,
  ...changeColumnNames.filter((name) => !toldOtherwise.has(name)),
];

const nothing: Row = Object.fromEntries(episodeColumns.map((name) => [name, null]));

/** An episode under the names of its columns. */
export function episodeRow(story: Story, episode: Episode): Row {
  const about = {
    ...nothing,
    principal: story.principal,
    organization_id: story.organizationId,
    organization_name: story.organizationName,
  };
  if (episode.event === 'gap') {
    const { from, to, endedRunId } = episode.gap;
    const reason = describeReason(episode.gap);
    return { ...about, event: 'gap', what: 'gap', from, to, run_id: endedRunId, reason };
  }
  if (episode.event === 'change') {
    const { not_before: from = null, not_after: to = null, ...told } = changeRow(episode.change);
    return { ...about, ...told, event: 'change', what: episode.change.kind, from, to };
  }
  return { ...about, ...intervalRow(episode.interval, story.observed) };
}

function intervalRow({ membership, from, to, firstRunId, endedRunId }: Interval, observed: Observed): Row {
  return {
    ...(membership === null ? {} : membershipRow(membership)),
    event: membership === null ? 'absence' : 'interval',
    what: describeStatus(membership),
    from,
    to,
    seen_at: to === null ? observed.newest.at : null,
    run_id: firstRunId,
    ended_run_id: endedRunId,
  };
}

/** What no cell of a table has room for. */
export function describeEpisode(story: Story, episode: Episode | undefined): string {
  if (episode === undefined) return '';
  if (episode.event === 'gap') return describeGap(episode.gap);
  if (episode.event === 'change') return describeDetails(episode.change);
  const { membership, to } = episode.interval;
  return [
    ...(membership === null ? [] : describeMembership(membership)),
    ...(episode.isFromTheFirst ? ['when first observed'] : []),
    ...(to === null ? [`last seen so ${story.observed.newest.at.toISOString()}`] : []),
  ].join(', ');
}

function describeMembership({ status, roles, permissions }: Membership): string[] {
  const told = superAdministratorFirst(roles ?? []);
  return [
    ...told.map((role) => (status === 'invited' ? `offer: ${role}` : role)),
    ...(permissions === null || permissions.length === 0 ? [] : [`permissions: ${permissions.length}`]),
  ];
}
