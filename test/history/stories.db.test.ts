import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { type Episode } from '../../src/domain/story.ts';
import { readStories, type StoryFilter } from '../../src/history/stories.ts';
import { useDatabase } from '../support/database.ts';
import { acme, aMembership, claim, globex, night, store, takeNight } from '../support/nights.ts';
import { tellStory } from './story.ts';

const database = useDatabase();

const day = (instant: Date | null) => (instant === null ? null : instant.getUTCDate());

/** An episode in short: what, and from which day of August to which. */
function inShort(episode: Episode) {
  if (episode.event === 'change') return [episode.change.kind, day(episode.change.notAfter)];
  if (episode.event === 'gap') return ['gap', day(episode.gap.from), day(episode.gap.to)];
  const { membership, from, to } = episode.interval;
  return [membership?.status ?? 'absent', day(from), day(to)];
}

async function storiesOf(filter: StoryFilter, now: Date) {
  const stories = await readStories(database.db, filter, now);
  return stories.map(({ principal, organizationId, episodes }) => ({
    principal,
    organizationId,
    told: episodes.map(inShort),
  }));
}

async function failNight(at: Date): Promise<void> {
  const run = await claim(database.db, { at });
  await database.db.execute(sql`
    update rollcall.runs set state = 'failed', finished_at = started_at, error = 'no answer' where id = ${run.id}`);
}

test('an organization that came, whose nights failed, and that went: absent, there, not observed, absent', async () => {
  await takeNight(database.db, [], { at: night(1) });
  await takeNight(database.db, [aMembership()], { at: night(2) });
  await failNight(night(3));
  await failNight(night(4));
  await takeNight(database.db, [], { at: night(5) });
  await takeNight(database.db, [], { at: night(6) });

  expect(await storiesOf({ organizationIds: [acme] }, night(7))).toEqual([
    {
      principal: 'ops-bot',
      organizationId: acme,
      told: [
        ['absent', 1, 2],
        ['joined', 2],
        ['member', 2, 5],
        ['gap', 2, 5],
        ['left', 5],
        ['absent', 5, null],
      ],
    },
  ]);
});

test('gaps are told also while it was absent, and the one that lasts', async () => {
  await takeNight(database.db, [], { at: night(1) });
  await takeNight(database.db, [], { at: night(4) });
  await takeNight(database.db, [aMembership()], { at: night(5) });

  expect(await storiesOf({ organizationIds: [acme] }, night(9))).toMatchObject([
    {
      told: [
        ['absent', 1, 5],
        ['gap', 1, 4],
        ['joined', 5],
        ['member', 5, null],
        ['gap', 5, null],
      ],
    },
  ]);
});

test('what was there when first observed has no coming, and what is told but no change has no absence', async () => {
  await takeNight(database.db, [aMembership({ permissions: null })], { at: night(1) });
  await takeNight(database.db, [aMembership()], { at: night(2) });
  const [story] = await readStories(database.db, { organizationIds: [acme] }, night(3));

  expect(story?.episodes.map(inShort)).toEqual([
    ['member', 1, 2],
    ['member', 2, null],
  ]);
  expect(story?.episodes).toMatchObject([{ isFromTheFirst: true }, { isFromTheFirst: false }]);
});

test('a run that took a while is no absence: times are those of the ends of runs', async () => {
  await takeNight(database.db, [], { at: night(1) });
  const run = await claim(database.db, { at: night(2) });
  const done = new Date(night(2).getTime() + 90_000);
  await store(database.db, run, { memberships: [aMembership()], at: done });
  const [story] = await readStories(database.db, { organizationIds: [acme] }, night(3));

  expect(story?.episodes).toMatchObject([
    { interval: { membership: null, to: done } },
    { change: { notBefore: night(1), notAfter: done } },
    { interval: { from: done, to: null } },
  ]);
});

test('a clock that was set back does not turn the story around', async () => {
  await takeNight(database.db, [aMembership()], { at: night(9) });
  await takeNight(database.db, [], { at: night(2) });

  expect(await storiesOf({ organizationIds: [acme] }, night(9))).toMatchObject([
    {
      told: [
        ['member', 9, 9],
        ['left', 9],
        ['absent', 9, null],
      ],
    },
  ]);
});

test('each principal has its own story, of each organization that is meant', async () => {
  await tellStory(database.db);
  const stories = await storiesOf({ organizationIds: [acme, globex] }, night(6));

  expect(stories).toEqual([
    {
      principal: 'legacy',
      organizationId: globex,
      told: [
        ['invited', 1, null],
        ['gap', 1, null],
      ],
    },
    {
      principal: 'ops-bot',
      organizationId: acme,
      told: [
        ['member', 1, 4],
        ['left', 4],
        ['absent', 4, 5],
        ['joined', 5],
        ['member', 5, null],
      ],
    },
    {
      principal: 'ops-bot',
      organizationId: globex,
      told: [
        ['absent', 1, 2],
        ['invited', 2],
        ['invited', 2, 3],
        ['invitation_accepted', 3],
        ['member', 3, 5],
        ['left', 5],
        ['absent', 5, null],
      ],
    },
  ]);
  expect(await storiesOf({ organizationIds: [globex], principal: 'legacy' }, night(6))).toHaveLength(1);
  expect(await storiesOf({ organizationIds: [acme], principal: 'legacy' }, night(6))).toEqual([]);
});

test('where the source changed, what is first known is no change, and the interval says so', async () => {
  const known = { twoFactorEnforced: false, policies: ['allow DNS on a'] };
  await takeNight(database.db, [aMembership()], { at: night(1) });
  await takeNight(database.db, [aMembership(known)], { at: night(2), source: 'memberships' });
  await takeNight(database.db, [aMembership({ ...known, twoFactorEnforced: true })], {
    at: night(3),
    source: 'memberships',
  });
  await takeNight(database.db, [aMembership()], { at: night(4) });
  const [story] = await readStories(database.db, { organizationIds: [acme] }, night(4));

  expect(story?.episodes.map(inShort)).toEqual([
    ['member', 1, 2],
    ['member', 2, 3],
    ['two_factor_changed', 3],
    ['member', 3, 4],
    ['member', 4, null],
  ]);
  const intervals = story?.episodes.flatMap((one) => (one.event === 'interval' ? [one.interval] : [])) ?? [];
  expect(intervals.map(({ source, isOtherSource }) => [source, isOtherSource])).toEqual([
    ['organizations', false],
    ['memberships', true],
    ['memberships', false],
    ['organizations', true],
  ]);
});
