import { expect, it } from 'vitest';
import { deploy } from '../support/deployment.ts';

/** Puts the clock of a process a year ahead, before anything else is loaded. */
const aYearAhead = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`
    const Right = Date;
    const now = () => Right.now() + 365 * 86_400_000;
    globalThis.Date = class extends Right {
      constructor(...given) { given.length === 0 ? super(now()) : super(...given); }
      static now() { return now(); }
    };`)}`,
};

it(
  'a night by a clock a year ahead is timed by the database’s, or told by every check',
  { timeout: 120_000 },
  async () => {
    const { rollcall, readHistory, database } = await deploy();
    const isServer = 'DATABASE_URL' in database;
    const ahead = await rollcall(['run'], aYearAhead);
    const after = await rollcall(['run']);
    expect([ahead.status, after.status]).toEqual([0, 0]);
    const check = await rollcall(['check'], isServer ? aYearAhead : {});
    const { runs } = await readHistory();

    const inTime = runs.map(({ startedAt, finishedAt }) =>
      [startedAt, finishedAt ?? startedAt].every(isPast),
    );
    expect(inTime).toEqual(isServer ? [true, true] : [false, false]);
    expect(ahead.stderr.includes("clock differs from the database's")).toBe(isServer);
    expect(check.stdout).toMatch(
      isServer
        ? /^warn {2}clock .* 365 days ahead of the database's/m
        : /^warn {2}runs default .* from now, for a clock was ahead/m,
    );
  },
);

function isPast(time: Date): boolean {
  return time.getTime() <= Date.now() + 60_000;
}
