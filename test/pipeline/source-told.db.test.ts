import { asc, eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { type AudienceConfig } from '../../src/config/audiences.ts';
import { deliveries, reports } from '../../src/database/schema.ts';
import { type RunSource } from '../../src/domain/run.ts';
import { previewRun, runPrincipal } from '../../src/pipeline.ts';
import { approveRun } from '../../src/pipeline/decide.ts';
import { describeRollCall, toJson } from '../../src/terminal/run-results.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

const audiences: AudienceConfig[] = [
  { to: ['all@example.com'] },
  { to: ['outsider@example.com'], categories: ['invitation'] },
];

async function stage() {
  const simulator = await startedSimulator({ organizations: 12 });
  const { db, queue } = database;
  const context = aContext({ db, queue, simulator, config: { audiences } });
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  const night = (source: RunSource, run = runPrincipal) =>
    run(context, { principal: { ...principal, source }, trigger: 'manual', slot: null });
  return { simulated: simulator.world.principal(), context, night };
}

async function readReports() {
  const found = await database.db
    .select({ report: reports, delivery: deliveries })
    .from(reports)
    .innerJoin(deliveries, eq(deliveries.reportId, reports.id))
    .orderBy(asc(reports.id), asc(deliveries.id));
  return found.map(({ report, delivery }) => ({ ...report, to: delivery.recipient }));
}

const superPolicy = (id: string) => ({
  id: 'policy',
  access: 'allow' as const,
  permission_groups: [{ id: 'group', name: 'Super Administrator - All Privileges' }],
  resource_groups: [
    { id: 'r', name: '', scope: { key: `com.cloudflare.api.account.${id}`, objects: [{ key: '*' }] } },
  ],
});

test('the first night from another source is told once, there and back, to those who get every change', async () => {
  const { simulated, night } = await stage();
  const [first] = simulated.memberships;
  if (first === undefined) throw new Error('expected an organization');
  simulated.put({ id: first.id, name: 'By Policy', status: 'member', roles: ['Billing'] });
  simulated.update(first.id, { policies: [superPolicy(first.id)] });

  await night('organizations');
  await night('memberships');
  await night('memberships');
  await night('organizations');
  await night('organizations');

  const found = await readReports();
  expect(found.map(({ runId, kind, to, csv }) => [runId, kind, to, csv === null])).toEqual([
    [1, 'baseline', 'all@example.com', false],
    [2, 'changes', 'all@example.com', true],
    [4, 'changes', 'all@example.com', true],
  ]);
  const [, there, back] = found;
  expect(there?.subject).toMatch(/Super Administrator by policy in By Pol.*, other source$/);
  expect(there?.text).toMatch(
    /Super Administrator is held by a policy alone in \d+ organizations?: .*By Policy/,
  );
  expect(there?.text).not.toMatch(/gained(?!\.)/);
  expect(back?.subject).toContain('now read from /user/organizations, nothing changed');
  expect(back?.text).toMatch(
    /Super Administrator was held by a policy alone in \d+ organizations?: .*By Policy/,
  );
});

test('what changed in that night is told with it, and to outsiders without it', async () => {
  const { simulated, night } = await stage();
  await night('organizations');
  simulated.put({ name: 'Inviting', status: 'invited', roles: ['DNS'] });
  await night('memberships');

  const [, ...told] = await readReports();
  expect(told.map(({ to, kind }) => `${to} ${kind}`)).toEqual([
    'all@example.com changes',
    'outsider@example.com changes',
  ]);
  expect(told.map(({ subject }) => subject)).toEqual([
    '[rollcall] default: invited to Inviting, now read from /memberships',
    '[rollcall] default: invited to Inviting',
  ]);
  expect(told.map(({ text }) => text.includes('/user/organizations'))).toEqual([true, false]);
  expect(told[0]?.csv).not.toBeNull();
});

test('a listing in which the ids are others is held with that reason, and told as a change of source once approved', async () => {
  const { simulated, context, night } = await stage();
  await night('organizations');
  for (const { id } of simulated.memberships.slice(0, 8)) simulated.remove(id);
  expect(await night('memberships')).toMatchObject({ outcome: 'held' });
  await approveRun(context, 2);

  const [, held, approved] = await readReports();
  expect(held).toMatchObject({ kind: 'held', to: 'all@example.com' });
  expect(held?.subject).toContain('HELD, read from /memberships, ids may not match');
  expect(held?.text).toMatch(/^Do the ids match\?.*only \d+ of the baseline's \d+ organizations/);
  expect(held?.text).toContain('rollcall approve 2');
  expect(approved).toMatchObject({ kind: 'changes', to: 'all@example.com' });
  expect(approved?.text).toContain('/memberships instead of /user/organizations');
});

test('a roll without an organization is told to be read from another source too', async () => {
  const { simulated, night } = await stage();
  for (const { id } of [...simulated.memberships]) simulated.remove(id);
  await night('organizations');
  await night('memberships');
  await night('memberships');
  expect((await readReports()).map(({ runId, kind }) => [runId, kind])).toEqual([
    [1, 'baseline'],
    [2, 'changes'],
  ]);
});

test('a run says where it was read from, and what is compared on the night in which that changes', async () => {
  const { night } = await stage();
  const told = async (source: RunSource, dryRun = false) => {
    const result = await night(
      source,
      dryRun ? (context, order) => previewRun(context, order) : runPrincipal,
    );
    const call = { principal: 'ops-bot', ...result };
    const [, ...lines] = describeRollCall(call, dryRun);
    return { lines, run: toJson([call], [], dryRun).runs[0] };
  };
  const [there, back] = [
    /^ {2}read from \/memberships, the run before from \/user\/organizations: name, status and roles/,
    /^ {2}read from \/user\/organizations, the run before from \/memberships: name, status and roles/,
  ];

  const first = await told('organizations');
  expect(first).toMatchObject({ lines: [], run: { source: 'organizations', source_change: null } });
  const overThere = {
    lines: [expect.stringMatching(there)],
    run: { source: 'memberships', source_change: { from: 'organizations', to: 'memberships' } },
  };
  expect(await told('memberships', true)).toMatchObject(overThere);
  const over = await told('memberships');
  expect(over).toMatchObject(overThere);
  expect(Object.keys(over.run ?? {}).slice(-3)).toEqual(['changes', 'source', 'source_change']);
  expect(await told('memberships')).toMatchObject({ lines: [], run: { source_change: null } });
  expect((await told('organizations', true)).lines).toEqual([expect.stringMatching(back)]);
});
