import { accessLines } from '../domain/access-lines.ts';
import { describeStatus } from '../domain/difference.ts';
import { columnOf, fieldNames, type Membership, membershipRow } from '../domain/membership.ts';
import { noParent } from '../domain/parent-organization.ts';
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
  'status',
  'roles',
  'permissions',
];

/** The window of a change is where it lies between `from` and `to`. */
const toldOtherwise = new Set([...ownColumns, 'not_before', 'not_after']);

/** The columns of an episode: its own, and those of a change. Columns are added only at the right. */
export const episodeColumns: readonly string[] = [
  ...ownColumns,
  ...changeColumnNames.filter((name) => !toldOtherwise.has(name)),
  ...fieldNames.map(columnOf).filter((name) => !ownColumns.includes(name)),
  'source',
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

function intervalRow(interval: Interval, observed: Observed): Row {
  const { membership, from, to, firstRunId, endedRunId, source } = interval;
  return {
    ...(membership === null ? {} : membershipRow(membership)),
    event: membership === null ? 'absence' : 'interval',
    what: describeStatus(membership),
    from,
    to,
    seen_at: to === null ? observed.newest.at : null,
    run_id: firstRunId,
    ended_run_id: endedRunId,
    source,
  };
}

/** What no cell of a table has room for. */
export function describeEpisode(story: Story, episode: Episode | undefined): string {
  if (episode === undefined) return '';
  if (episode.event === 'gap') return describeGap(episode.gap);
  if (episode.event === 'change') return describeDetails(episode.change);
  const { membership, to, source, isOtherSource } = episode.interval;
  return [
    ...(membership === null ? [] : describeMembership(membership)),
    ...(episode.isFromTheFirst ? ['when first observed'] : []),
    ...(isOtherSource ? [`first read from ${source}: only name, status and roles are compared`] : []),
    ...(to === null ? [`last seen so ${story.observed.newest.at.toISOString()}`] : []),
  ].join(', ');
}

function describeMembership(membership: Membership): string[] {
  const { status, permissions, policies, twoFactorEnforced, apiAccess, parentOrganization } = membership;
  const isBelow = parentOrganization !== null && parentOrganization !== noParent;
  return [
    ...accessLines(membership).map((line) => (status === 'invited' ? `offer: ${line}` : line)),
    ...countOf('permissions', permissions),
    ...countOf('policies', policies),
    ...(twoFactorEnforced === null ? [] : [`two factors ${twoFactorEnforced ? '' : 'not '}enforced`]),
    ...(apiAccess === null ? [] : [`${apiAccess ? '' : 'no '}access by API`]),
    ...(isBelow ? [`below ${parentOrganization}`] : []),
  ];
}

function countOf(name: string, set: readonly string[] | null): string[] {
  return set === null || set.length === 0 ? [] : [`${name}: ${set.length}`];
}
