import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { reports } from '../../src/database/schema.ts';
import { type Change } from '../../src/domain/change.ts';
import { type RunSource } from '../../src/domain/run.ts';
import { listChanges } from '../../src/history/changes.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';
import { organizationId } from '../support/nights.ts';
import { fieldsOf, steps, type Told, write } from '../support/steps.ts';
import { sourcesHere } from '../support/either-source.ts';

const database = useDatabase();

/** Two nights, between which an organization for each step goes from its one standing to the other; by roles alone. */
async function takeEveryStep(source: RunSource) {
  const simulator = await startedSimulator({ organizations: 0 });
  const context = aContext({
    db: database.db,
    queue: database.queue,
    simulator,
    config: { hold: { removals: 1000, share: 1 } },
    client: { source },
  });
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  const night = () => runPrincipal(context, { principal, trigger: 'manual', slot: null });
  const standings = Object.keys(steps).map((step, number) => {
    const [before = '', after = ''] = step.split(' > ');
    return { step, id: organizationId(number + 1), before, after };
  });
  const simulated = simulator.world.principal();
  for (const when of ['before', 'after'] as const) {
    for (const { id, step, ...standing } of standings) {
      const fields = fieldsOf(standing[when]);
      if (fields !== null) simulated.put({ id, name: step, policies: null, ...fields });
      else if (simulated.membership(id) !== undefined) simulated.remove(id);
    }
    await night();
  }
  return standings;
}

it.each(sourcesHere())(
  'every step of access in %s is told alike in the database, the CSV and the mail',
  async (source) => {
    const standings = await takeEveryStep(source);
    const changes = await listChanges(database.db, {});
    const [, report] = await database.db.select().from(reports).orderBy(reports.id);
    if (report?.csv == null) throw new Error('expected a report with its CSV');
    const rows = parse<Record<string, string>>(report.csv, { columns: true, bom: true });
    const setOf = (cell = '') => (cell === '' ? [] : cell.split('; '));
    const stepsBy = (tell: (id: string) => Told | undefined) =>
      standings.map(({ step, id }) => [step, write(tell(id) ?? never())]);

    expect(changes).toHaveLength(standings.length);
    expect(stepsBy((id) => changes.find(({ organizationId: of }) => of === id))).toEqual(
      Object.entries(steps),
    );
    const told = (id: string): Told | undefined => {
      // An id of digits alone is guarded against what a spreadsheet would make of it.
      const row = rows.find(({ organization_id }) => organization_id?.replace(/^'/, '') === id);
      if (row === undefined) return undefined;
      return {
        kind: row['kind'] as Change['kind'],
        added: setOf(row['added']),
        removed: setOf(row['removed']),
        offered: setOf(row['offered']),
        superAdministrator: (row['super_administrator'] === ''
          ? null
          : row['super_administrator']) as Change['superAdministrator'],
      };
    };
    expect(stepsBy(told)).toEqual(Object.entries(steps));

    const ofStep = (what: string) =>
      changes.filter(({ superAdministrator }) => superAdministrator === what).length;
    expect(ofStep('gained')).toBeGreaterThan(1);
    expect(report.subject).toContain(`Super Administrator gained in ${ofStep('gained')} org`);
    expect(report.text).toMatch(/^.*is now Super Administrator of .*\n/);
    expect(report.text).toMatch(/is no longer Super Administrator of /);
    const alerts = (pattern: RegExp) => report.text.match(pattern)?.length;
    expect(alerts(/— SUPER ADMINISTRATOR LOST/g)).toBe(ofStep('lost'));
    expect(alerts(/— SUPER ADMINISTRATOR GAINED/g)).toBe(ofStep('gained'));
    expect(alerts(/— SUPER ADMINISTRATOR OFFERED/g)).toBe(ofStep('offered'));
    expect(alerts(/— OFFER OF SUPER ADMINISTRATOR GONE/g)).toBe(ofStep('offer_gone'));
  },
);

function never(): never {
  throw new Error('expected a change for every step');
}
