import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { type ChangeKind } from '../../src/domain/change.ts';
import { type RunSource } from '../../src/domain/run.ts';
import { applyNight, type NightEvent } from '../../src/simulator/night.ts';
import { type World } from '../../src/simulator/world.ts';
import { scratchFolder } from '../support/command-line.ts';
import { deploy, type Deployment } from '../support/deployment.ts';
import { variablesOf } from './crashing/fate.ts';
import { workUntilDone } from './crashing/lives.ts';
import { areDone } from './crashing/nights.ts';

const names = ['changes-over', 'stays-on-memberships', 'stays-on-organizations'];

/** The week of the three principals: the first changes over for its third night. */
const week: readonly Record<string, RunSource>[] = [
  'organizations' as const,
  'organizations' as const,
  'memberships' as const,
  'memberships' as const,
].map((source) => ({
  'changes-over': source,
  'stays-on-memberships': 'memberships',
  'stays-on-organizations': 'organizations',
}));

/** Of which only `/memberships` tells. */
const toldByMemberships = /^(?:policies|two_factor|api_access|parent)_/;

/** What a night tells of what happened, by the sources of the baseline and of the night. */
function isTold(kind: ChangeKind, [before, after]: readonly (RunSource | undefined)[]): boolean {
  if (before !== after) return kind !== 'permissions_changed' && !toldByMemberships.test(kind);
  return after === 'memberships' || !toldByMemberships.test(kind);
}

it(
  'one worker reads each principal from its own source, and one changes over in the middle of the week without a storm',
  { timeout: 240_000 },
  async ({ signal }) => {
    const deployment = await deploy({ world: { principals: names, organizations: 60 } });
    const { simulator, readHistory, readMails } = deployment;
    const folder = scratchFolder();
    const happened: NightEvent[][] = [];
    for (const [night, sources] of week.entries()) {
      happened.push(night === 0 ? [] : applyNight(simulator.world, 1, 'memberships'));
      const asked = simulator.requests.length;
      await work(deployment, { folder, night, sources, signal });
      const endpoints = simulator.requests
        .slice(asked)
        .map(({ principal, endpoint }) => `${principal} ${endpoint}`);
      for (const name of names) {
        expect(endpoints.includes(`${name} list`), name).toBe(sources[name] === 'organizations');
        expect(endpoints.includes(`${name} memberships`), name).toBe(sources[name] === 'memberships');
      }
    }

    const { runs, changes } = await readHistory();
    for (const name of names) {
      const nights = runs.filter(({ principal }) => principal === name).toReversed();
      expect(nights.map(({ state, source }) => [state, source])).toEqual(
        week.map((sources) => ['complete', sources[name]]),
      );
      for (const [night, { id }] of nights.entries()) {
        const sources = [week[night - 1]?.[name], week[night]?.[name]] as const;
        const expected = (happened[night] ?? []).filter(
          (event) => event.principal === name && isTold(event.kind, sources),
        );
        const told = changes.filter(({ runId }) => runId === id);
        expect(told.map(write).sort(), `${name}, night ${night + 1}`).toEqual(expected.map(write).sort());
      }
    }
    expect(await readMails()).toHaveLength(names.length * week.length);
  },
);

function write({ kind, organizationId }: { kind: ChangeKind; organizationId: string }): string {
  return `${kind} ${organizationId}`;
}

interface Night {
  folder: string;
  /** Counted from 0. */
  night: number;
  sources: Readonly<Record<string, RunSource>>;
  signal: AbortSignal;
}

/** Starts a worker just after the night's slot, and ends it when all is run and sent. */
async function work({ simulator, variables }: Deployment, { folder, night, sources, signal }: Night) {
  const { CLOUDFLARE_API_TOKEN: _, ...others } = variables;
  const startsAt = new Date(Date.UTC(2020, 0, 1 + night, 2, 5));
  const fated = {
    ...others,
    ROLLCALL_CONFIG: writeConfig(folder, simulator.world, sources),
    ...variablesOf({ startsAt, leapMs: 0, death: null, tally: null }),
  };
  const isDone = (metrics: string) => areDone(metrics, { nights: night + 1, principals: names.length });
  await workUntilDone(fated, folder, { isDone, signal });
}

function writeConfig(
  folder: string,
  { principals }: World,
  sources: Readonly<Record<string, RunSource>>,
): string {
  const file = path.join(folder, 'rollcall.yaml');
  const lines = principals.map(
    ({ name, apiToken }) => `  - { name: ${name}, apiToken: ${apiToken}, source: ${sources[name]} }`,
  );
  writeFileSync(file, ['digest: off', 'principals:', ...lines, ''].join('\n'));
  return file;
}
