import { expect, it } from 'vitest';
import { rollcall as callAlone, scratchFolder } from '../support/command-line.ts';
import { deploy } from '../support/deployment.ts';

it('an endpoint that ends names the way on in the run, in check and in the mail, and the way is quiet', async () => {
  const { simulator, rollcall, readMails, readHistory, variables } = await deploy();
  variables['ROLLCALL_COMMAND'] = 'docker compose exec worker rollcall';
  await rollcall(['run']);
  const ended = simulator.faults.add({
    on: { path: 'list', times: Infinity },
    fault: { kind: 'answer', status: 403, code: 10000, message: 'This needs an Enterprise plan' },
  });

  const run = await rollcall(['run']);
  expect([run.status, run.stderr]).toEqual([
    1,
    expect.stringMatching(/^run 2 failed: .*`source: memberships`/),
  ]);
  const mail = (await readMails()).at(-1);
  expect(mail?.subject).toContain('endpoint ended');
  for (const line of ['sources --principal default', 'run --principal default --dry-run'])
    expect(mail?.text).toContain(`\n    docker compose exec worker rollcall ${line}\n`);
  expect(mail?.text).toContain('ROLLCALL_SOURCE=memberships');
  expect(mail?.html).toContain('ROLLCALL_SOURCE=memberships');
  const check = await rollcall(['check']);
  expect(check.status).toBe(1);
  expect(check.stdout).toMatch(/^FAIL {2}credentials default .*`rollcall sources`.*`source: memberships`/m);
  const sources = await rollcall(['sources']);
  expect([sources.status, sources.stderr]).toEqual([0, '']);
  expect(sources.stdout).toMatch(/\/user\/organizations: not read\. .*\n {2}\/memberships: 60 organizations/);

  variables['ROLLCALL_SOURCE'] = 'memberships';
  expect((await rollcall(['check'])).stdout).toMatch(
    /^ok {4}credentials default +API token; 60 organizations in \/memberships$/m,
  );
  const over = await rollcall(['run']);
  expect([over.status, over.stderr]).toEqual([0, '']);
  ended.remove();
  const { runs, changes } = await readHistory();
  expect(runs.map(({ state, source }) => [state, source])).toEqual([
    ['complete', 'memberships'],
    ['failed', 'organizations'],
    ['complete', 'organizations'],
  ]);
  expect(changes).toEqual([]);
});

it('the first night after changing over reports what sources foresaw, or is held as it foresaw', async () => {
  const { simulator, rollcall, readHistory, variables } = await deploy();
  const principal = simulator.world.principal();
  await rollcall(['run']);
  const [first, second] = principal.memberships;
  principal.setRaw(first?.id ?? '', { 'account.name': 'Other', roles: ['Billing'] }, 'memberships');
  principal.setRaw(second?.id ?? '', { status: 'pending' }, 'memberships');
  const foreseen = await foresee();
  expect(foreseen.changes.map(({ kind }) => kind).sort()).toEqual([
    'invitation_replaced_membership',
    'renamed',
    'roles_changed',
  ]);
  variables['ROLLCALL_SOURCE'] = 'memberships';
  expect((await rollcall(['run'])).status).toBe(0);
  const { changes } = await readHistory();
  const told = changes.map((change) => ({
    kind: change.kind,
    organization_id: change.organizationId,
    before: change.before,
    after: change.after,
    added: change.added,
    removed: change.removed,
  }));
  expect(told).toHaveLength(3);
  expect(foreseen.changes.sort(byKind)).toMatchObject(told.sort(byKind));

  for (const { id } of principal.memberships.slice(0, 7)) {
    principal.setRaw(id, { id: id.split('').reverse().join('') }, 'list');
  }
  const held = await foresee();
  expect(held.held_because).toContain('only 53');
  delete variables['ROLLCALL_SOURCE'];
  const run = await rollcall(['run']);
  expect([run.status, run.stderr]).toEqual([1, expect.stringContaining(held.held_because ?? 'nothing')]);

  async function foresee() {
    const { stdout } = await rollcall(['sources', '--json']);
    const { principals } = JSON.parse(stdout) as { principals: { changing_over: Foreseen }[] };
    return principals[0]?.changing_over ?? { held_because: null, changes: [] };
  }
});

interface Foreseen {
  held_because: string | null;
  changes: { kind: string; organization_id: string }[];
}

function byKind(left: { kind: string }, right: { kind: string }): number {
  return left.kind < right.kind ? -1 : 1;
}

it('the demo can be told to read memberships', async () => {
  const { status, stdout } = await callAlone(['demo', '--source', 'memberships'], {}, scratchFolder());
  expect(status).toBe(0);
  expect(stdout).toMatch(/ROLES CHANGED \(\d+\)/);
});
