import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { type ChangeKind, changeKinds } from '../../src/domain/change.ts';
import { type RunSource } from '../../src/domain/run.ts';
import { applyNight } from '../../src/simulator/night.ts';
import { deploy } from '../support/deployment.ts';
import { endpointOf, sourcesHere } from '../support/either-source.ts';

/** What one source alone tells does not happen where the other is read. */
const kindsTold: Readonly<Record<RunSource, readonly ChangeKind[]>> = {
  organizations: changeKinds.filter((kind) => !/^(?:policies|two_factor|api_access|parent)_/.test(kind)),
  memberships: changeKinds,
};

describe.each(sourcesHere())('a night of %s', (source) => {
  const deployed = async () => {
    const deployment = await deploy({ world: { organizations: 120 } });
    deployment.variables['ROLLCALL_SOURCE'] = source;
    return deployment;
  };

  it('is quiet the first time: a baseline and one notice, no storm of "joined"', async () => {
    const { rollcall, readMails, simulator } = await deployed();
    const run = await rollcall(['run', '--json']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toMatchObject({
      runs: [{ state: 'complete', baseline_run_id: null, changes: [] }],
    });
    const listings = simulator.requests.filter(({ query }) => 'page' in query);
    expect(new Set(listings.map(({ endpoint }) => endpoint))).toEqual(new Set([endpointOf[source]]));
    const mails = await readMails();
    expect(mails.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(
        /^\[rollcall\] default: baseline of 120 organizations, Super Administrator of \d+$/,
      ),
    ]);
    const [roll] = mails[0]?.attachments ?? [];
    const listed = await rollcall(['members', '--csv']);
    const rowsOf = (csv: string) => csv.trim().split('\r\n').toSorted();
    expect(rowsOf(roll?.content.toString('utf8').replace('\uFEFF', '') ?? '')).toEqual(rowsOf(listed.stdout));
  });

  it('reports every kind of change once, in the database, the mail and its CSV alike', async () => {
    const { simulator, rollcall, readMails } = await deployed();
    await rollcall(['run']);
    const happened = applyNight(simulator.world, 1, source);
    const run = await rollcall(['run']);
    expect(run.status).toBe(0);
    const stored = JSON.parse((await rollcall(['changes', '--json'])).stdout) as {
      kind: string;
      organization_id: string;
    }[];
    const said = stored.map(({ kind, organization_id }) => `${kind} ${organization_id}`).sort();
    expect(said).toEqual(happened.map(({ kind, organizationId }) => `${kind} ${organizationId}`).sort());
    expect(new Set(stored.map(({ kind }) => kind))).toEqual(new Set(kindsTold[source]));

    const [, mail] = await readMails();
    const [attachment] = mail?.attachments ?? [];
    const csv = attachment?.content.toString('utf8') ?? '';
    const rows = parse<Record<string, string>>(csv, { columns: true, bom: true });
    expect(rows.map(({ kind, organization_id }) => `${kind} ${organization_id}`).sort()).toEqual(said);
    expect(mail?.text).toContain(createHash('sha256').update(csv).digest('hex'));
    // People open the file in a spreadsheet, and give what a command prints to scripts.
    expect(`\uFEFF${(await rollcall(['changes', '--csv'])).stdout}`).toBe(csv);
  });
});

describe('a night', () => {
  it('says what would change in a dry run, and stores and sends nothing', async () => {
    const { simulator, rollcall, readMails, readHistory } = await deploy();
    await rollcall(['run']);
    applyNight(simulator.world);
    const dry = await rollcall(['run', '--dry-run', '--json']);
    expect(dry.status).toBe(0);
    const [run] = (JSON.parse(dry.stdout) as { runs: { changes: unknown[] }[] }).runs;
    expect(run?.changes.length).toBeGreaterThan(8);
    expect(run).toMatchObject({ run_id: null, baseline_run_id: 1 });
    await rollcall(['run', '--dry-run']);
    const { runs, changes } = await readHistory();
    expect(runs).toHaveLength(1);
    expect(changes).toEqual([]);
    expect(await readMails()).toHaveLength(1);
    await rollcall(['run']);
    expect((await readHistory()).runs.map(({ id }) => id)).toEqual([2, 1]);
  });
});
