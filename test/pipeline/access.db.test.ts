import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { sql } from 'drizzle-orm';
import { reports } from '../../src/database/schema.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

const superAdministrator = 'Super Administrator - All Privileges';

/** `absent`, or a status; with `*` it has Super Administrator besides Billing. */
type Standing = string;

function fieldsOf(standing: Standing) {
  const roles = standing.endsWith('*') ? ['Billing', superAdministrator] : ['Billing'];
  return { name: 'Acme', status: standing.replace('*', ''), roles };
}

/** One night after another, in which Acme's membership goes from one standing to the other. */
async function tell(before: Standing, after: Standing) {
  const simulator = await startedSimulator({ organizations: 3 });
  const context = aContext({ db: database.db, queue: database.queue, simulator });
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  const night = () => runPrincipal(context, { principal, trigger: 'manual', slot: null });
  const id = 'a'.repeat(32);
  const become = (standing: Standing) => {
    const simulated = simulator.world.principal();
    if (standing !== 'absent') simulated.put({ id, ...fieldsOf(standing) });
    else if (simulated.membership(id) !== undefined) simulated.remove(id);
  };
  become(before);
  await night();
  become(after);
  await night();
  const [stored] = await queryRows<Record<string, unknown>>(
    database.db,
    sql`select kind, added, removed, offered, super_administrator from rollcall.change_log`,
  );
  const [, report] = await database.db.select().from(reports).orderBy(reports.id);
  if (report?.csv == null) throw new Error('expected a report with its CSV');
  const [row] = parse<Record<string, string>>(report.csv, { columns: true, bom: true });
  return { stored, row, report };
}

const both = ['Billing', superAdministrator];
const none: string[] = [];

describe('access told is access held, in the database, the CSV and the mail', () => {
  const steps: [before: Standing, after: Standing, told: Record<string, unknown>, alert: string | null][] = [
    [
      'absent',
      'member*',
      { added: both, removed: none, offered: none, super_administrator: 'gained' },
      'gained',
    ],
    ['member*', 'absent', { added: none, removed: both, offered: none, super_administrator: 'lost' }, 'lost'],
    [
      'absent',
      'invited*',
      { added: none, removed: none, offered: both, super_administrator: 'offered' },
      null,
    ],
    [
      'invited*',
      'absent',
      { added: none, removed: none, offered: both, super_administrator: 'offer_gone' },
      null,
    ],
    [
      'invited*',
      'member*',
      { added: both, removed: none, offered: both, super_administrator: 'gained' },
      'gained',
    ],
    [
      'member*',
      'invited*',
      { added: none, removed: both, offered: both, super_administrator: 'lost' },
      'lost',
    ],
    [
      'member*',
      'suspended*',
      { added: none, removed: both, offered: none, super_administrator: 'lost' },
      'lost',
    ],
    [
      'suspended*',
      'member*',
      { added: both, removed: none, offered: none, super_administrator: 'gained' },
      'gained',
    ],
    [
      'invited',
      'invited*',
      { added: none, removed: none, offered: both, super_administrator: 'offered' },
      null,
    ],
    [
      'member',
      'member*',
      { added: [superAdministrator], removed: none, offered: none, super_administrator: 'gained' },
      'gained',
    ],
    [
      'member',
      'absent',
      { added: none, removed: ['Billing'], offered: none, super_administrator: null },
      null,
    ],
  ];

  for (const [before, after, told, alert] of steps) {
    it(`${before} to ${after}`, async () => {
      const { stored, row, report } = await tell(before, after);

      expect(stored).toMatchObject(told);
      const cells = Object.entries(told).map(([column, value]) => [
        column,
        Array.isArray(value) ? value.join('; ') : (value ?? ''),
      ]);
      expect(row).toMatchObject(Object.fromEntries(cells));
      const isGrave = /Super Administrator (gained|lost)/.exec(report.subject)?.[1] ?? null;
      expect(isGrave).toBe(alert);
      if (alert === null) expect(report.text).not.toMatch(/Super Administrator (gained|lost)/i);
      else expect(report.html).toContain(`Super Administrator ${alert}`);
    });
  }
});
