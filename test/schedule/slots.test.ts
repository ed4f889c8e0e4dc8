import fc from 'fast-check';
import { createTask } from 'node-cron';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findCronFault } from '../../src/schedule/cron.ts';
import { findLastSlots, findNewestSlot, findNextSlots, type Schedule } from '../../src/schedule/slots.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A night on which a zone's clocks change: `by` minutes forward, or back when negative. */
interface Night {
  name: string;
  timezone: string;
  changesAt: string;
  by: number;
  /** Every day at a time that this night skips or repeats, and when that comes on the day before, this day, and after. */
  daily: { expression: string; slots: [string, string, string] };
}

const nights: Night[] = [
  {
    name: 'New York skips 02:00 to 03:00',
    timezone: 'America/New_York',
    changesAt: '2026-03-08T07:00Z',
    by: 60,
    daily: {
      expression: '30 2 * * *',
      slots: ['2026-03-07T02:30-05:00', '2026-03-08T03:30-04:00', '2026-03-09T02:30-04:00'],
    },
  },
  {
    name: 'New York repeats 01:00 to 02:00',
    timezone: 'America/New_York',
    changesAt: '2026-11-01T06:00Z',
    by: -60,
    daily: {
      expression: '30 1 * * *',
      slots: ['2026-10-31T01:30-04:00', '2026-11-01T01:30-04:00', '2026-11-02T01:30-05:00'],
    },
  },
  {
    name: 'Lord Howe skips 02:00 to 02:30',
    timezone: 'Australia/Lord_Howe',
    changesAt: '2026-10-03T15:30Z',
    by: 30,
    daily: {
      expression: '10 2 * * *',
      slots: ['2026-10-03T02:10+10:30', '2026-10-04T02:40+11:00', '2026-10-05T02:10+11:00'],
    },
  },
  {
    name: 'Lord Howe repeats 01:30 to 02:00',
    timezone: 'Australia/Lord_Howe',
    changesAt: '2026-04-04T15:00Z',
    by: -30,
    daily: {
      expression: '45 1 * * *',
      slots: ['2026-04-04T01:45+11:00', '2026-04-05T01:45+11:00', '2026-04-06T01:45+10:30'],
    },
  },
  {
    name: 'Santiago skips midnight to 01:00',
    timezone: 'America/Santiago',
    changesAt: '2027-09-05T04:00Z',
    by: 60,
    daily: {
      expression: '0 0 * * *',
      slots: ['2027-09-04T00:00-04:00', '2027-09-05T01:00-03:00', '2027-09-06T00:00-03:00'],
    },
  },
  {
    name: 'Santiago repeats 23:00 to midnight',
    timezone: 'America/Santiago',
    changesAt: '2027-04-04T03:00Z',
    by: -60,
    daily: {
      expression: '59 23 * * *',
      slots: ['2027-04-02T23:59-03:00', '2027-04-03T23:59-03:00', '2027-04-04T23:59-04:00'],
    },
  },
  {
    name: 'Madrid repeats 02:00 to 03:00',
    timezone: 'Europe/Madrid',
    changesAt: '2026-10-25T01:00Z',
    by: -60,
    daily: {
      expression: '0 2 * * *',
      slots: ['2026-10-24T02:00+02:00', '2026-10-25T02:00+02:00', '2026-10-26T02:00+01:00'],
    },
  },
  {
    name: 'Troll skips 01:00 to 03:00',
    timezone: 'Antarctica/Troll',
    changesAt: '2027-03-28T01:00Z',
    by: 120,
    daily: {
      expression: '15 1 * * *',
      slots: ['2027-03-27T01:15+00:00', '2027-03-28T03:15+02:00', '2027-03-29T01:15+02:00'],
    },
  },
];

function at(text: string): Date {
  return new Date(text);
}

function texts(instants: readonly (Date | null)[]): (string | undefined)[] {
  return instants.map((instant) => instant?.toISOString());
}

/** A zone's offset from UTC in ms, read from the runtime's own tables. */
function readOffset(timezone: string, instant: number): number {
  const zone = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' });
  const name = zone.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value;
  const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name ?? '') ?? [];
  const offset = Number(hours ?? 0) * hourMs + Number(minutes ?? 0) * minuteMs;
  return sign === '-' ? -offset : offset;
}

/** Every minute from so many hours before the change of clocks to so many after. */
function minutesAround({ changesAt }: Night, hours: number): Date[] {
  const start = at(changesAt).getTime() - hours * hourMs;
  return Array.from({ length: 2 * hours * 60 + 1 }, (_, minute) => new Date(start + minute * minuteMs));
}

/** The slots that come while one looks for the newest at each of these instants. */
function walk(schedule: Schedule, instants: readonly Date[]): Date[] {
  const found: Date[] = [];
  for (const now of instants) {
    const slot = findNewestSlot(schedule, now, { ms: now.getTime() - (instants[0]?.getTime() ?? 0) });
    if (slot !== null && slot.getTime() !== found.at(-1)?.getTime()) found.push(slot);
  }
  return found;
}

for (const night of nights) {
  const { name, timezone, changesAt, by, daily } = night;

  describe(`on the night when ${name}`, () => {
    const change = at(changesAt).getTime();
    const schedule = { expression: daily.expression, timezone };
    const dailySlots = daily.slots.map((slot) => at(slot).toISOString());
    const quarters = { expression: '*/15 * * * *', timezone };

    it('the clocks do change', () => {
      const [before, after] = [readOffset(timezone, change - 1), readOffset(timezone, change)];

      expect((after - before) / minuteMs).toBe(by);
      expect([readOffset(timezone, change - 2 * dayMs), readOffset(timezone, change + 2 * dayMs)]).toEqual([
        before,
        after,
      ]);
    });

    it('a daily job due at a time skipped or repeated runs once a day, this day too', () => {
      const [first = ''] = dailySlots;
      const justBefore = new Date(at(first).getTime() - 1);

      expect(texts(walk(schedule, minutesAround(night, 36)))).toEqual(dailySlots);
      expect(texts(findNextSlots(schedule, justBefore, 3))).toEqual(dailySlots);
    });

    it('a job every quarter of an hour runs in each, but for those that come again', () => {
      const repeated = ({ length }: { length: number }, slot: Date) =>
        slot.getTime() >= change && slot.getTime() < change + length;
      const due = minutesAround(night, 12).filter(
        (instant) =>
          instant.getTime() % (15 * minuteMs) === 0 &&
          !repeated({ length: Math.max(0, -by) * minuteMs }, instant),
      );

      expect(texts(walk(quarters, minutesAround(night, 12)))).toEqual(texts(due));
      expect(texts(findNextSlots(quarters, new Date(change - 12 * hourMs - 1), due.length))).toEqual(
        texts(due),
      );
    });

    it.each([daily.expression, '*/7 * * * *', '0,45 * * * *', '30 */2 * * *'])(
      'a slot of %s once found is never followed by an older one',
      (expression) => {
        const found = walk({ expression, timezone }, minutesAround(night, 4));

        expect(texts(found)).toEqual(
          texts(found.toSorted((left, right) => left.getTime() - right.getTime())),
        );
        expect(found.length).toBeGreaterThan(0);
      },
    );
  });
}

describe('when clocks change', () => {
  it('a slot of the first pass is still the newest in the second, although the wall shows an earlier time', () => {
    const schedule = { expression: '45 1 * * *', timezone: 'America/New_York' };

    expect(findNewestSlot(schedule, at('2026-11-01T01:10-05:00'), { ms: hourMs })).toEqual(
      at('2026-11-01T01:45-04:00'),
    );
  });

  it('a time skipped shares its slot with the one it falls on', () => {
    const schedule = { expression: '15,45 2,3 * * *', timezone: 'America/New_York' };

    expect(findNextSlots(schedule, at('2026-03-08T00:00-05:00'), 3)).toEqual([
      at('2026-03-08T03:15-04:00'),
      at('2026-03-08T03:45-04:00'),
      at('2026-03-09T02:15-04:00'),
    ]);
  });

  it('a time skipped comes after one that is later on the wall and exists', () => {
    const schedule = { expression: '20,40 2 * * *', timezone: 'Australia/Lord_Howe' };
    const [existing, skipped] = [at('2026-10-04T02:40+11:00'), at('2026-10-04T02:50+11:00')];

    expect(findNextSlots(schedule, at('2026-10-04T01:50+10:30'), 1)).toEqual([existing]);
    expect(findNextSlots(schedule, at('2026-10-04T02:45+11:00'), 1)).toEqual([skipped]);
    expect(findNewestSlot(schedule, at('2026-10-04T02:45+11:00'), { ms: hourMs })).toEqual(existing);
    expect(findNewestSlot(schedule, at('2026-10-04T02:55+11:00'), { ms: hourMs })).toEqual(skipped);
  });

  it('a slot from before the change is found long after it', () => {
    const schedule = { expression: '30 1 1 11 *', timezone: 'America/New_York' };

    expect(findNewestSlot(schedule, at('2027-06-01T00:00Z'), { ms: 365 * dayMs })).toEqual(
      at('2026-11-01T01:30-04:00'),
    );
  });

  it('every slot, newest and next, is the one that a list of all minutes of the night gives', () => {
    const minutesAfter = fc.integer({ min: -6 * 60, max: 6 * 60 });
    fc.assert(
      fc.property(fc.constantFrom(...nights), minutesAfter, timeOfDay(), (night, minutes, time) => {
        const schedule = { expression: `${time.join(' ')} * * *`, timezone: night.timezone };
        const now = new Date(at(night.changesAt).getTime() + minutes * minuteMs);
        const all = listSlots(night, schedule.expression);

        expect(findNewestSlot(schedule, now, { ms: 6 * hourMs })).toEqual(
          all.findLast((slot) => slot <= now && slot.getTime() >= now.getTime() - 6 * hourMs) ?? null,
        );
        const past = all.filter((slot) => slot <= now && slot.getTime() >= now.getTime() - 6 * hourMs);
        for (const count of [1, 2, past.length + 1]) {
          expect(findLastSlots(schedule, now, { count, ms: 6 * hourMs })).toEqual(past.slice(-count));
        }
        const soon = all.filter((slot) => slot > now && slot.getTime() <= now.getTime() + 6 * hourMs);
        expect(findNextSlots(schedule, now, soon.length)).toEqual(soon);
      }),
      { numRuns: 100 },
    );
  });

  /**
   * All slots from 12 hours before the change to 12 after, by definition: each minute that matches is due when a
   * clock first shows it, and one that none shows as long after the last minute before it that a clock did show.
   */
  function listSlots({ timezone, changesAt }: Night, expression: string): Date[] {
    const task = createTask(expression, () => undefined, { timezone: 'UTC' });
    const change = at(changesAt).getTime();
    const [before, after] = [readOffset(timezone, change - 1), readOffset(timezone, change)];
    const firstShown = new Map<number, number>();
    for (let instant = change - 15 * hourMs; instant <= change + 15 * hourMs; instant += minuteMs) {
      const wall = instant + (instant < change ? before : after);
      if (!firstShown.has(wall)) firstShown.set(wall, instant);
    }
    const slots = new Set<number>();
    const walls = [...firstShown.keys()];
    let lastShown = { wall: 0, instant: 0 };
    const lastWall = Math.max(...walls);
    for (let wall = Math.min(...walls); wall <= lastWall; wall += minuteMs) {
      const instant = firstShown.get(wall);
      if (instant !== undefined) lastShown = { wall, instant };
      if (task.match(new Date(wall))) slots.add(instant ?? lastShown.instant + wall - lastShown.wall);
    }
    return [...slots].sort((left, right) => left - right).map((slot) => new Date(slot));
  }
});

describe('a slot', () => {
  const nightly = { expression: '0 2 * * *', timezone: 'Europe/Madrid' };
  const slot = at('2026-06-10T00:00:00.000Z');

  it('is the newest at its very instant, and not the millisecond before', () => {
    expect(findNewestSlot(nightly, slot, { ms: 0 })).toEqual(slot);
    expect(findNewestSlot(nightly, new Date(slot.getTime() - 1), { ms: dayMs })).toEqual(
      at('2026-06-09T00:00Z'),
    );
  });

  it('is missed for as long as asked, not a millisecond longer', () => {
    const now = new Date(slot.getTime() + hourMs);

    expect(findNewestSlot(nightly, now, { ms: hourMs })).toEqual(slot);
    expect(findNewestSlot(nightly, now, { ms: hourMs - 1 })).toBeNull();
  });

  it('is followed by the next one, never by itself', () => {
    expect(findNextSlots(nightly, slot, 2)).toEqual([at('2026-06-11T00:00Z'), at('2026-06-12T00:00Z')]);
    expect(findNextSlots(nightly, new Date(slot.getTime() - 1), 1)).toEqual([slot]);
    expect(findNextSlots(nightly, slot, 0)).toEqual([]);
    expect(findLastSlots(nightly, slot, { count: 0, ms: dayMs })).toEqual([]);
    expect(findLastSlots(nightly, slot, { count: 9, ms: dayMs })).toEqual([
      new Date(slot.getTime() - dayMs),
      slot,
    ]);
  });

  it('comes on a second when the expression has six fields', () => {
    const schedule = { expression: '10,40 30 4 * * *', timezone: 'Asia/Kolkata' };

    expect(findNewestSlot(schedule, at('2026-06-10T04:30:39.999+05:30'), { ms: dayMs })).toEqual(
      at('2026-06-10T04:30:10+05:30'),
    );
    expect(findNextSlots(schedule, at('2026-06-10T04:30:10+05:30'), 2)).toEqual([
      at('2026-06-10T04:30:40+05:30'),
      at('2026-06-11T04:30:10+05:30'),
    ]);
  });

  it('comes every second where that is asked, also while clocks change', () => {
    const schedule = { expression: '* * * * * *', timezone: 'America/New_York' };
    const skipped = at('2026-03-08T07:00:00Z');

    expect(findNewestSlot(schedule, new Date(skipped.getTime() + 500), { ms: 1_000 })).toEqual(skipped);
    expect(findNextSlots(schedule, skipped, 2)).toEqual([
      at('2026-03-08T07:00:01Z'),
      at('2026-03-08T07:00:02Z'),
    ]);
  });

  it('comes on a leap day once in four years, and not in 2100', () => {
    const schedule = { expression: '0 12 29 2 *', timezone: 'Asia/Kolkata' };

    expect(findNewestSlot(schedule, at('2027-01-01T00:00Z'), { ms: 4 * 365 * dayMs })).toEqual(
      at('2024-02-29T12:00+05:30'),
    );
    expect(findNewestSlot(schedule, at('2027-01-01T00:00Z'), { ms: 365 * dayMs })).toBeNull();
    expect(findNextSlots(schedule, at('2096-01-01T00:00Z'), 2)).toEqual([
      at('2096-02-29T12:00+05:30'),
      at('2104-02-29T12:00+05:30'),
    ]);
  });

  it.each(['0 0 30 2 *', '0 0 0 30 2 *', '0 0 31 4,6,9,11 ?'])('never comes by %s', (expression) => {
    const schedule = { expression, timezone: 'America/New_York' };

    expect(findNewestSlot(schedule, slot, { ms: Number.POSITIVE_INFINITY })).toBeNull();
    expect(findNextSlots(schedule, slot, 3)).toEqual([]);
  });

  it('is refused for what is no schedule rather than never found', () => {
    expect(() =>
      findNewestSlot({ ...nightly, expression: '0 2 * * someday' }, slot, { ms: dayMs }),
    ).toThrow();
    expect(() => findNewestSlot({ ...nightly, timezone: 'Mars/Olympus' }, slot, { ms: dayMs })).toThrow();
    expect(() => findNextSlots({ ...nightly, expression: '61 2 * * *' }, slot, 1)).toThrow();
  });
});

describe('the slots that are found and the times at which the clock ticks are the same', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  const now = fc.date({ min: at('2026-01-01T00:00Z'), max: at('2034-01-01T00:00Z'), noInvalidDate: true });
  const timezone = fc.constantFrom('UTC', 'Asia/Kolkata');

  it('for any expression, over any number of years', () => {
    fc.assert(
      fc.property(expressions(), timezone, now, (expression, timezone, now) => {
        const task = createTask(expression, () => undefined, { timezone });
        const schedule = { expression, timezone };
        const slot = findNewestSlot(schedule, now, { ms: Number.POSITIVE_INFINITY });
        if (slot === null) throw new Error(`${expression} never came`);

        vi.setSystemTime(slot.getTime() - 1_000);
        const [first, second = now] = task.getNextRuns(2);
        expect(first).toEqual(slot);
        expect(second.getTime()).toBeGreaterThan(now.getTime());

        vi.setSystemTime(now);
        expect(findNextSlots(schedule, now, 3)).toEqual(task.getNextRuns(3));
      }),
      { numRuns: 300 },
    );
  });

  it('and no minute between a slot and now is one', () => {
    fc.assert(
      fc.property(expressions(), timezone, now, (expression, timezone, now) => {
        const task = createTask(expression, () => undefined, { timezone });
        const slot = findNewestSlot({ expression, timezone }, now, { ms: dayMs });
        const second = slot === null ? 0 : slot.getTime() % minuteMs;
        const last = Math.floor((now.getTime() - second) / minuteMs) * minuteMs + second;
        const end = slot?.getTime() ?? now.getTime() - dayMs;

        if (slot !== null) expect(task.match(slot)).toBe(true);
        for (let instant = last; instant > end; instant -= minuteMs) {
          if (task.match(new Date(instant))) expect.fail(`${new Date(instant).toISOString()} was left out`);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a schedule', () => {
  it('is refused when only one of clock and slots could read it', () => {
    expect(findCronFault('0 2 15W * *')).toBe(
      'expected a cron expression: Invalid characters, got value: 15W',
    );
    expect(findCronFault('0 22-2 * * *')).toBe(
      'expected a cron expression: Invalid range: 22-2, min(22) > max(2)',
    );
    expect(findCronFault('0 H * * *')).toBe('expected a cron expression: H is a invalid expression for hour');
  });

  it('is refused when it never comes due', () => {
    expect(findCronFault('0 0 30 2 *')).toBe(
      'expected a cron expression: 30 2 is an impossible day of month for the given month',
    );
  });

  it.each(['0 2 * * *', '30 0 2 * * *', '@daily', '*/15 8-18 * * MON-FRI', '0 2 L * ?', '0 2 * * 1#2'])(
    'may be %s',
    (expression) => {
      expect(findCronFault(expression)).toBeNull();
    },
  );
});

function timeOfDay(): fc.Arbitrary<[minute: string, hour: string]> {
  return fc.tuple(field(0, 59), fc.oneof(fc.constant('*'), field(0, 3), field(0, 23)));
}

/** What one field may say of the values from `min` to `max`. */
function field(min: number, max: number): fc.Arbitrary<string> {
  const value = fc.integer({ min, max });
  const range = fc.tuple(value, value).map((ends) => ends.toSorted((left, right) => left - right).join('-'));
  const step = fc.integer({ min: 1, max });
  return fc.oneof(
    fc.constant('*'),
    value.map(String),
    fc.uniqueArray(value, { minLength: 1, maxLength: 4 }).map((values) => values.join(',')),
    range,
    fc.tuple(fc.oneof(fc.constant('*'), range), step).map(([of, by]) => `${of}/${by}`),
  );
}

/** Expressions of five and six fields with all that node-cron and cron-parser both read. */
function expressions(): fc.Arbitrary<string> {
  const months = fc.constantFrom('JAN', 'Feb', 'mar', '2', '6-8', 'APR-JUN');
  const weekdays = fc.constantFrom(
    'SUN',
    'Mon',
    'fri',
    '7',
    '5-7',
    'MON-FRI',
    '1L',
    '7L',
    '5#5',
    'TUE#1',
    '?',
  );
  const days = fc.oneof(
    fc.tuple(fc.oneof(field(1, 31), fc.constantFrom('L', '15,L', '?')), fc.constant('*')),
    fc.tuple(fc.constant('*'), fc.oneof(field(0, 7), weekdays)),
  );
  const fields = fc.tuple(timeOfDay(), days, fc.oneof(fc.constant('*'), field(1, 12), months));
  const seconds = fc.option(field(0, 59), { nil: undefined });
  return fc
    .tuple(seconds, fields)
    .map(([second, [time, [date, weekday], month]]) => [second, ...time, date, month, weekday])
    .map((all) => all.filter((one) => one !== undefined).join(' '))
    .filter((expression) => findCronFault(expression) === null);
}
