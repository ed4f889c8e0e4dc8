import { describe, expect, test } from 'vitest';
import { emptyHistory, type PrincipalHistory } from '../../src/checks/history.ts';
import { findLastUser, judgeIdentity } from '../../src/checks/identity.ts';
import { judgePrincipals, tellUsers } from '../../src/checks/principals.ts';
import { type PrincipalStanding } from '../../src/history/principals.ts';

const night = new Date('2026-08-14T02:00:00Z');

function aStanding(given: Partial<PrincipalStanding> = {}): PrincipalStanding {
  return {
    principal: 'legacy',
    cloudflareUserId: 'alice',
    retiredAt: null,
    lastComplete: { runId: 7, finishedAt: night },
    members: 2,
    invited: 1,
    other: 0,
    ...given,
  };
}

function aHistory(): PrincipalHistory {
  return {
    knownSince: night,
    retiredAt: null,
    lastComplete: { runId: 8, finishedAt: night, chain: '' },
    lastCompleteAt: night,
    missedRuns: 0,
    lastUserId: 'alice',
    held: null,
  };
}

const legacy = { name: 'legacy', userId: 'alice' };
const opsBot = { name: 'ops-bot', userId: 'bob' };

describe('who is audited', () => {
  test('is as it should be while each name is configured and each is another user', () => {
    expect(judgePrincipals([legacy, opsBot], [aStanding()])).toEqual([]);
  });

  test('twice under two names is a warning that names both', () => {
    expect(judgePrincipals([legacy, { ...opsBot, userId: 'alice' }], [])).toMatchObject([
      {
        state: 'warn',
        found: expect.stringMatching(/^legacy and ops-bot .*alice/) as string,
        remedy: expect.stringContaining('principals retire') as string,
      },
    ]);
  });

  test('is not the same user because nobody could tell whose the credentials are', () => {
    const untold = [legacy, opsBot].map((one) => ({ ...one, userId: null }));
    expect(judgePrincipals(untold, [])).toEqual([]);
  });

  test('is told by Cloudflare, and by the history where that was not asked', () => {
    const looks = [{ principal: opsBot, user: { id: 'carol' } }];
    expect(tellUsers([legacy, opsBot], looks, [aStanding()])).toEqual([
      legacy,
      { ...opsBot, userId: 'carol' },
    ]);
  });

  test('and is retired: a warning that names the way back', () => {
    const retired = aStanding({ retiredAt: night });
    expect(judgePrincipals([legacy], [retired])).toMatchObject([
      {
        state: 'warn',
        principal: 'legacy',
        found: expect.stringContaining('retired since 2026-08-14 02:00 UTC') as string,
        remedy: expect.stringContaining('`rollcall principals restore legacy`') as string,
      },
    ]);
    expect(judgePrincipals([legacy, { ...opsBot, userId: 'alice' }], [retired])).toHaveLength(1);
  });

  test('no more, and current all the same: a warning that says since when, and the command that ends it', () => {
    expect(judgePrincipals([opsBot], [aStanding()])).toMatchObject([
      {
        state: 'warn',
        principal: 'legacy',
        found: expect.stringMatching(
          /3 memberships.*nobody looks any more since 2026-08-14 02:00 UTC/,
        ) as string,
        remedy: expect.stringContaining('`rollcall principals retire legacy`') as string,
      },
    ]);
  });

  test('no more, and retired or without memberships: nothing to be told', () => {
    const empty = { members: 0, invited: 0 };
    expect(judgePrincipals([], [aStanding({ retiredAt: night }), aStanding(empty)])).toEqual([]);
    expect(judgePrincipals([], [aStanding({ ...empty, other: 1 })])).toHaveLength(1);
  });
});

describe('a new name of a Cloudflare user whose history is here', () => {
  const history = (...everybody: PrincipalStanding[]) => ({ ...emptyHistory, everybody });
  const judge = (user: string, ...everybody: PrincipalStanding[]) =>
    judgeIdentity('legacy-2', { id: user }, findLastUser('legacy-2', { id: user }, history(...everybody)));

  test('would not work tonight, and the remedy is the one that a refused run names', () => {
    expect(judge('alice', aStanding())).toMatchObject({
      state: 'fail',
      remedy: expect.stringContaining('`rollcall principals rename legacy legacy-2`') as string,
    });
    expect(judge('bob', aStanding())).toMatchObject({ state: 'ok' });
  });

  test('is a name like any once it has a history of its own', () => {
    const known = { ...history(aStanding()), principals: new Map([['legacy-2', aHistory()]]) };
    expect(findLastUser('legacy-2', { id: 'alice' }, known)).toEqual({ id: 'alice', elsewhere: null });
  });

  test('is that of the name which is still audited, where there are two', () => {
    const retired = aStanding({ principal: 'ancient', retiredAt: night });
    expect(judge('alice', retired, aStanding()).found).toContain('under the name legacy');
    expect(judge('alice', retired).remedy).toContain('`rollcall principals restore legacy-2`');
  });
});
