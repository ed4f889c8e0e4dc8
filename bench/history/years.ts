import { createHash } from 'node:crypto';
import { type Database } from '../../src/database/database.ts';
import { oweReport } from '../../src/deliver/owe.ts';
import {
  byOrganizationId,
  type Membership,
  normalizeSet,
  nothingKnown,
} from '../../src/domain/membership.ts';
import { takeNight } from '../../test/support/nights.ts';
import { createPages, type ListedOrganization } from '../night/roll.ts';

/** A history to make: of one principal, a night a day. */
export interface Years {
  memberships: number;
  /** Told how long each night took, in milliseconds, and whether something had changed. */
  onNight: (day: number, ms: number, hasChanged: boolean) => void;
}

const dayMs = 86_400_000;

/** Two o'clock on the day of that number, from 0. */
export const nightOf = (day: number) => new Date(Date.UTC(2016, 0, 1 + day, 2));

/** Days of a week in which something changes: 1 % of the roll in the three of them together. */
const changingDays = [1, 3, 5];

/** Takes the nights of these days, one after the other, as a run stores them; those that changed are reported. */
export async function takeNights(
  db: Database,
  [from, to]: readonly [number, number],
  { memberships, onNight }: Years,
): Promise<void> {
  let roll = rollAt(memberships, from);
  for (let day = from; day < to; day += 1) {
    const hasChanged = day > 0 && changingDays.includes(day % 7);
    if (hasChanged) roll = changeRoll(roll, day);
    const began = performance.now();
    const { run, changes } = await takeNight(db, roll, {
      principal: 'ops-bot',
      at: nightOf(day),
      trigger: 'schedule',
      slot: nightOf(day),
    });
    onNight(day, performance.now() - began, changes.length > 0);
    if (changes.length > 0) await report(db, run, nightOf(day));
  }
}

/** The roll before this day: what the days before it made of the first. */
function rollAt(memberships: number, day: number): Membership[] {
  let roll = firstRoll(memberships);
  for (let before = 1; before < day; before += 1)
    if (changingDays.includes(before % 7)) roll = changeRoll(roll, before);
  return roll;
}

function firstRoll(memberships: number): Membership[] {
  const page = createPages({ memberships, permissions: [2, 6] }, 'first');
  const { result } = JSON.parse(page(1, memberships)) as { result: ListedOrganization[] };
  return result
    .map(({ id, name, status, roles, permissions }) => ({
      ...nothingKnown,
      organizationId: id,
      organizationName: name,
      status,
      roles: normalizeSet(roles),
      permissions: normalizeSet(permissions),
    }))
    .sort(byOrganizationId);
}

/** A third of 1 %: most have other roles, one is renamed, one left and another came. */
function changeRoll(roll: readonly Membership[], day: number): Membership[] {
  const changed = [...roll];
  const count = Math.max(3, Math.round(roll.length / 300));
  for (let index = 0; index < count; index += 1) {
    const at = (day * 131 + index * 977) % changed.length;
    const one = changed[at];
    if (one === undefined) continue;
    if (index === 0) changed[at] = { ...one, organizationName: `Renamed ${day}` };
    else if (index === 1)
      changed[at] = { ...one, organizationId: createHash('md5').update(`${day}`).digest('hex') };
    else changed[at] = { ...one, roles: normalizeSet([`Role ${day % 13}`, `Role ${(day + index) % 7}`]) };
  }
  return changed.sort(byOrganizationId);
}

function report(db: Database, run: { id: number; principalId: number }, at: Date): Promise<void> {
  const csv = 'column\r\n'.repeat(150);
  const content = {
    kind: 'changes' as const,
    runId: run.id,
    principalId: run.principalId,
    slot: null,
    subject: '[rollcall] ops-bot: 7 changes',
    text: 'What changed.\n'.repeat(60),
    html: '<p>What changed.</p>\n'.repeat(500),
    csv: { filename: 'rollcall.csv', content: csv, sha256: createHash('sha256').update(csv).digest('hex') },
    json: null,
    recipients: [{ carrier: 'mail' as const, name: 'security@example.com', withFile: true }],
    createdAt: at,
  };
  const queue = { enqueue: () => Promise.resolve() };
  return db.transaction((tx) => oweReport(tx, content, { queue, mailFrom: 'rollcall@example.com' }));
}

/** The instant that many days before the last of `days` nights. */
export const before = (days: number, ago: number) => new Date(nightOf(days - 1).getTime() - ago * dayMs);
