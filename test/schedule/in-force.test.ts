import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  findFirstDue,
  findLastDue,
  findNewestDue,
  type ScheduleInForce,
} from '../../src/schedule/in-force.ts';
import { findLastSlots, findNewestSlot, findNextSlots } from '../../src/schedule/slots.ts';

const dayMs = 86_400_000;

/** An instant in August 2026: `14 02:00`, in UTC. */
function at(text: string): Date {
  return new Date(`2026-08-${text.replace(' ', 'T')}Z`);
}

/** Schedules in UTC, each in force since the instant before it. */
function inForce(...given: [since: string, expression: string, timezone?: string][]): ScheduleInForce[] {
  return given.map(([since, expression, timezone = 'UTC']) => ({
    schedule: { expression, timezone },
    since: at(since),
  }));
}

const nightly = '0 2 * * *';
const morning = '0 6 * * *';

interface Case {
  what: string;
  schedules: ScheduleInForce[];
  /** Now. */
  now: string;
  hours?: number;
  missed: string | null;
}

const cases: Case[] = [
  {
    what: 'downtime over a slot',
    schedules: inForce(['01 12:00', nightly]),
    now: '14 09:00',
    missed: '14 02:00',
  },
  {
    what: 'downtime, and a start with the schedule of before',
    schedules: inForce(['01 12:00', nightly], ['14 09:00', nightly]),
    now: '14 09:00',
    missed: '14 02:00',
  },
  {
    what: 'downtime over a slot, and a start with another schedule: the slot that was promised',
    schedules: inForce(['01 12:00', nightly], ['14 09:00', morning]),
    now: '14 09:00',
    missed: '14 02:00',
  },
  {
    what: 'a change to a slot that is over today: it never was, and the old one had its run or is it',
    schedules: inForce(['01 12:00', morning], ['14 05:00', nightly]),
    now: '14 05:00',
    missed: '13 06:00',
  },
  {
    what: 'a change to every quarter of an hour: not the quarter before',
    schedules: inForce(['01 12:00', nightly], ['14 09:20', '*/15 * * * *']),
    now: '14 09:21',
    missed: '14 02:00',
  },
  {
    what: 'the first slot after a change',
    schedules: inForce(['01 12:00', nightly], ['14 09:20', '*/15 * * * *']),
    now: '14 09:31',
    missed: '14 09:30',
  },
  {
    what: 'a slot at the very instant of a change',
    schedules: inForce(['01 12:00', nightly], ['14 06:00', morning]),
    now: '14 06:00',
    missed: '14 06:00',
  },
  {
    what: 'a slot of the old schedule at the very instant of a change',
    schedules: inForce(['01 12:00', nightly], ['14 02:00', morning]),
    now: '14 03:00',
    hours: 30,
    missed: '13 02:00',
  },
  {
    what: 'a change there and back: what was promised in between is the newest',
    schedules: inForce(['01 12:00', nightly], ['13 20:00', '0 22 * * *'], ['13 23:00', morning]),
    now: '14 05:00',
    missed: '13 22:00',
  },
  {
    what: 'another zone: the slot of the zone that was',
    schedules: inForce(['01 12:00', nightly, 'Asia/Tokyo'], ['14 09:00', nightly, 'Europe/Madrid']),
    now: '14 09:00',
    missed: '13 17:00',
  },
  {
    what: 'a first start: its own newest slot, for the baseline',
    schedules: inForce(['14 09:00', nightly]),
    now: '14 09:00',
    missed: '14 02:00',
  },
  {
    what: 'a slot older than the window',
    schedules: inForce(['01 12:00', nightly]),
    now: '14 09:00',
    hours: 6,
    missed: null,
  },
  {
    what: 'an old slot that is older than the window',
    schedules: inForce(['01 12:00', '0 2 * * 1'], ['14 09:00', nightly]),
    now: '14 09:00',
    missed: null,
  },
  {
    what: 'no window',
    schedules: inForce(['01 12:00', nightly]),
    now: '14 02:00',
    hours: 0,
    missed: '14 02:00',
  },
  { what: 'no schedule that is known', schedules: [], now: '14 09:00', missed: null },
  {
    what: 'a schedule that comes into force later, as by another machine’s clock',
    schedules: inForce(['01 12:00', nightly], ['15 00:00', morning]),
    now: '14 09:00',
    missed: '14 02:00',
  },
];

describe('the newest slot that was missed', () => {
  for (const { what, schedules, now, hours = 24, missed } of cases) {
    test(`after ${what}`, () => {
      const expected = missed === null ? null : at(missed);

      expect(findNewestDue(schedules, at(now), { ms: hours * 3_600_000 })).toEqual(expected);
      expect(findNewestDue(schedules.toReversed(), at(now), { ms: hours * 3_600_000 })).toEqual(expected);
    });
  }
});

describe('the first slot that a complete run should have come of, after 10 August 03:00, is', () => {
  const weekly = '0 2 * * 1';
  const firsts: Record<string, { schedules: ScheduleInForce[]; first: string }> = {
    'of the one schedule': { schedules: inForce(['01 12:00', nightly]), first: '11 02:00' },
    'none of before its schedule was in force': {
      schedules: inForce(['01 12:00', weekly], ['14 09:00', nightly]),
      first: '15 02:00',
    },
    'one that the schedule of then promised': {
      schedules: inForce(['01 12:00', nightly], ['14 09:00', weekly]),
      first: '11 02:00',
    },
    'of the first schedule, also from before it': {
      schedules: inForce(['14 09:00', nightly]),
      first: '11 02:00',
    },
    'one at the instant of the change': {
      schedules: inForce(['01 12:00', weekly], ['14 02:00', nightly]),
      first: '14 02:00',
    },
  };

  for (const [what, { schedules, first }] of Object.entries(firsts)) {
    test(what, () => expect(findFirstDue(schedules, at('10 03:00'))).toEqual(at(first)));
  }

  test('is none where no schedule is known', () => {
    expect(findFirstDue([], at('10 03:00'))).toBeNull();
  });
});

describe('the last slots up to 14 August 09:00 are', () => {
  const lasts: Record<
    string,
    { schedules: ScheduleInForce[]; count?: number; days?: number; slots: string[] }
  > = {
    'those of the one schedule, also from before it was in force': {
      schedules: inForce(['13 12:00', nightly]),
      slots: ['12 02:00', '13 02:00', '14 02:00'],
    },
    'of each schedule those of its time': {
      schedules: inForce(['01 12:00', nightly], ['13 12:00', morning]),
      count: 4,
      slots: ['11 02:00', '12 02:00', '13 02:00', '14 06:00'],
    },
    'none of a schedule that was not in force for a single slot': {
      schedules: inForce(['01 12:00', nightly], ['13 12:00', morning], ['13 13:00', nightly]),
      slots: ['12 02:00', '13 02:00', '14 02:00'],
    },
    'fewer where they would lie too far back': {
      schedules: inForce(['01 12:00', nightly]),
      days: 2,
      slots: ['13 02:00', '14 02:00'],
    },
    'none where no schedule is known': { schedules: [], slots: [] },
  };

  for (const [what, { schedules, count = 3, days = 366, slots }] of Object.entries(lasts)) {
    test(what, () => {
      const within = { count, ms: days * dayMs };
      expect(findLastDue(schedules, at('14 09:00'), within)).toEqual(slots.map(at));
      expect(findLastDue(schedules.toReversed(), at('14 09:00'), within)).toEqual(slots.map(at));
    });
  }
});

test('a schedule that never changed has the slots that it always had, however often workers began', () => {
  const instants = fc
    .integer({ min: 0, max: 30 * 24 * 60 })
    .map((minutes) => new Date(at('01 00:00').getTime() + minutes * 60_000));
  const expressions = fc.constantFrom(nightly, '*/15 * * * *', '30 2 * * 1', '0 0 1 * *');
  fc.assert(
    fc.property(
      expressions,
      fc.array(instants, { minLength: 1, maxLength: 5 }),
      instants,
      (expression, starts, now) => {
        const schedule = { expression, timezone: 'Europe/Madrid' };
        const schedules = starts.map((since) => ({ schedule, since }));

        expect(findNewestDue(schedules, now, { ms: dayMs })).toEqual(
          findNewestSlot(schedule, now, { ms: dayMs }),
        );
        expect(findLastDue(schedules, now, { count: 5, ms: 9 * dayMs })).toEqual(
          findLastSlots(schedule, now, { count: 5, ms: 9 * dayMs }),
        );
        expect(findFirstDue(schedules, now)).toEqual(findNextSlots(schedule, now, 1)[0] ?? null);
      },
    ),
    { numRuns: 50 },
  );
});
