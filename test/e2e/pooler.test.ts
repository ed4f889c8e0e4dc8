import { once } from 'node:events';
import { type Readable } from 'node:stream';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { rollcall, scratchFolder, startRollcall } from '../support/command-line.ts';
import { lookInto } from '../support/database-environment.ts';
import { deploy } from '../support/deployment.ts';
import { writeFleetConfig } from '../support/fleet.ts';
import { hasPgBouncer, throughPgBouncer } from '../support/pgbouncer.ts';
import { createBareDatabase, dropDatabase } from '../support/postgres-databases.ts';
import { rowsOf } from '../support/raw-rows.ts';

const principals = 3;
/** Slots of all of them; a minute is 30. */
const slots = Number(process.env['POOLER_SLOTS'] ?? 4);

describe.skipIf(!hasPgBouncer)('through a PgBouncer (needs pgbouncer)', () => {
  it('that pools transactions, every run that was said to be complete is stored, and none failed', async () => {
    const { simulator, variables, mailServer, url } = await deployBehind('transaction');
    expect(await rollcall(['migrate'], variables)).toMatchObject({ status: 0 });
    const worker = startRollcall(['worker'], {
      ...variables,
      ROLLCALL_CONFIG: writeFleetConfig(scratchFolder(), simulator.world),
      ROLLCALL_SCHEDULE: '*/2 * * * * *',
    });
    worker.stdout.resume();
    const isEnding = { afterRuns: principals * slots, end: () => worker.kill('SIGTERM') };
    const said = await readLog(worker.stderr, isEnding, (runs) => {
      if (runs !== principals) return;
      for (const principal of simulator.world.principals) {
        for (const { id } of principal.memberships.slice(0, 1)) principal.remove(id);
      }
    });
    if (worker.exitCode === null) await once(worker, 'exit');
    const complete = said.filter(({ msg }) => msg === 'run complete').map(({ run }) => Number(run));
    expect(said.filter(({ level }) => level > 40)).toEqual([]);
    const runs = await lookInto({ DATABASE_URL: url }, (db) => rowsOf(db, 'runs'));
    expect(runs.filter(({ state }) => state === 'complete').map(({ id }) => Number(id))).toEqual(
      complete.toSorted((one, other) => one - other),
    );
    expect(runs.map(({ state }) => state)).not.toContain('failed');
    expect(complete.length).toBeGreaterThanOrEqual(principals * slots);
    // A baseline of each, and a membership less of each.
    expect(mailServer.messages).toHaveLength(2 * principals);
  }, 180_000);

  it.each(['session', 'transaction'] as const)(
    'that pools by %s, one command after the other does its work, and check finds nothing to mend',
    async (mode) => {
      const { variables } = await deployBehind(mode);
      expect(await rollcall(['run'], variables)).toMatchObject({ status: 0 });
      expect(await rollcall(['run'], variables)).toMatchObject({ status: 0 });
      const members = await rollcall(['members', '--json'], variables);
      expect(JSON.parse(members.stdout)).toHaveLength(60);
      expect((await rollcall(['check'], variables)).stdout).toMatch(/It would work tonight/);
    },
  );

  it('that pools statements, the first connection says so, and nothing is done', async () => {
    const { variables } = await deployBehind('statement');
    const { status, stderr } = await rollcall(['run'], variables);
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/pool_mode.*transaction or session/) as string,
    });
  });
});

/** A deployment whose database is reached through a PgBouncer, and has nothing in it yet. */
async function deployBehind(mode: 'transaction' | 'session' | 'statement') {
  const { simulator, variables, mailServer } = await deploy({ world: { principals } });
  const serverUrl = inject('postgresUrl');
  const url = await createBareDatabase(serverUrl);
  onTestFinished(() => dropDatabase(serverUrl, url));
  return {
    simulator,
    mailServer,
    url,
    variables: { ...variables, DATABASE_URL: await throughPgBouncer(url, { mode }) },
  };
}

type Line = Record<string, unknown> & { level: number; msg: string };

/** What a worker logs, until it has ended; it is told to after so many runs. */
async function readLog(
  log: Readable,
  { afterRuns, end }: { afterRuns: number; end: () => void },
  onRun: (runs: number) => void,
): Promise<Line[]> {
  const lines: Line[] = [];
  let rest = '';
  for await (const chunk of log) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const line = JSON.parse(part) as Line;
      lines.push(line);
      if (line.msg !== 'run complete') continue;
      const runs = lines.filter(({ msg }) => msg === 'run complete').length;
      onRun(runs);
      if (runs === afterRuns) end();
    }
  }
  return lines;
}
