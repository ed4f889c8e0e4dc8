import { readFileSync } from 'node:fs';
import path from 'node:path';
import { applyNight, type NightEvent } from '../../../src/simulator/night.ts';
import { type SimulatedMembership } from '../../../src/simulator/principal.ts';
import { scratchFolder } from '../../support/command-line.ts';
import { type Deployment, deploy } from '../../support/deployment.ts';
import { writeFleetConfig } from '../../support/fleet.ts';
import { type Program } from './borders.ts';
import { letTheDeadBeFound } from './dead.ts';
import { type Death, variablesOf } from './fate.ts';
import { type Life, runOnce, workUntilDone } from './lives.ts';

export const recipients: readonly string[] = ['audit@example.com', 'security@example.com'];

/** The first slot of the default schedule, so far ahead that nothing in a database is newer. */
const firstSlot = Date.UTC(2020, 0, 1, 2);
const dayMs = 86_400_000;

/** How long after its slot a night's first process starts: long enough that it is one that was missed. */
const latenessMs = 5 * 60_000;

/** How often a process may die in one night that could do so in a delivery each time. */
export const deathsInOneNight = 5;

/** Longer than the backoff of a delivery after so many deaths. */
const leapMs = 35 * 60_000;

/** Between two starts in one night: further than a clock leaps, and short enough that no principal goes stale. */
const pauseMs = 40 * 60_000;

/** A night as the world saw it. */
export interface Night {
  slot: Date;
  happened: readonly NightEvent[];
  /** Every principal's roll that night. */
  rolls: ReadonlyMap<string, readonly SimulatedMembership[]>;
}

export interface Nights extends Deployment {
  /** Those that there were, oldest first. */
  readonly nights: readonly Night[];
  /** How many processes died. */
  readonly kills: number;
  /** Lets the next night come: from the second on, something has happened in the world. */
  begin(): void;
  /** Starts a process that does what is left of the night, unless it dies first. */
  live(death?: Death): Promise<Life>;
  /** How many writes the last one made that did not die. */
  countWrites(): number;
}

export interface NightsOptions {
  program: Program;
  principals: number;
  /** When nobody waits any more. */
  signal: AbortSignal;
}

/** A deployment in which processes die, night after night, by a clock of its own. */
export async function createNights({ program, principals, signal }: NightsOptions): Promise<Nights> {
  const deployment = await deploy({ world: { principals } });
  const { world } = deployment.simulator;
  const { database } = deployment;
  const folder = scratchFolder();
  const { CLOUDFLARE_API_TOKEN: _, ...others } = deployment.variables;
  const ROLLCALL_CONFIG = writeFleetConfig(folder, world);
  const variables = { ...others, ROLLCALL_CONFIG, MAIL_TO: recipients.join(',') };
  const tally = path.join(folder, 'writes');
  const nights: Night[] = [];
  let starts = 0;
  let kills = 0;

  const start = (death: Death | null): Promise<Life> => {
    const startsAt = new Date(slotOf(nights.length - 1) + latenessMs + starts * pauseMs);
    const fated = { ...variables, ...variablesOf({ startsAt, leapMs, death, tally }) };
    if (program === 'run') return runOnce(fated, folder);
    const isDone = (metrics: string) => areDone(metrics, { nights: nights.length, principals });
    return workUntilDone(fated, folder, { isDone, signal });
  };
  return {
    ...deployment,
    nights,
    get kills() {
      return kills;
    },
    begin() {
      const happened = nights.length === 0 ? [] : applyNight(world);
      const rolls = new Map(world.principals.map(({ name, memberships }) => [name, memberships]));
      nights.push({ slot: new Date(slotOf(nights.length)), happened, rolls });
      starts = 0;
    },
    async live(death) {
      const life = await start(death ?? null);
      starts += 1;
      if (life === 'done') return life;
      kills += 1;
      if ('DATABASE_URL' in database) await letTheDeadBeFound(database.DATABASE_URL, { program, signal });
      return life;
    },
    countWrites: () => Number(readFileSync(tally, 'utf8')),
  };
}

function slotOf(number: number): number {
  return firstSlot + number * dayMs;
}

/** Whether by the metrics each principal has had a complete run for each night, and no mail is owed. */
export function areDone(
  metrics: string,
  { nights, principals }: { nights: number; principals: number },
): boolean {
  const complete = new RegExp(`^rollcall_runs_total\\{.*state="complete"\\} ${nights}$`, 'gm');
  return (
    metrics.match(complete)?.length === principals &&
    metrics.includes('\nrollcall_deliveries{state="pending"} 0\n') &&
    metrics.includes('\nrollcall_deliveries{state="unknown"} 0\n')
  );
}
