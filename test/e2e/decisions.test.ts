import { describe, expect, it } from 'vitest';
import { deploy } from '../support/deployment.ts';

describe('what a person decides', () => {
  it('a run that lost too much is held with exit status 1, and becomes history when it is approved', async () => {
    const { simulator, rollcall, readMails, readHistory } = await deploy();
    await rollcall(['run']);
    const principal = simulator.world.principal();
    for (const { id } of principal.memberships.slice(0, 20)) principal.remove(id);
    const run = await rollcall(['run']);
    expect(run.status).toBe(1);
    expect(run.stderr).toContain(
      'run 2 held, waiting for rollcall approve 2 or reject: 20 of 60 organizations are gone',
    );
    expect((await readMails()).at(-1)?.subject).toMatch(/^\[rollcall\] default: HELD/);
    expect(await rollcall(['approve', '7'])).toMatchObject({
      status: 2,
      stderr: 'rollcall: There is no run 7; held: 2.\n',
    });
    const approved = await rollcall(['approve', '2']);
    expect(approved).toMatchObject({ status: 0, stderr: '' });
    expect(approved.stdout).toContain('20 changes since run 1');
    const { runs, changes, members } = await readHistory();
    expect(runs[0]).toMatchObject({
      state: 'complete',
      conclusion: 'listings 1 and 2 agree; held, then approved by hand',
    });
    expect([changes.length, members.length]).toEqual([20, 40]);
  });

  it('a held run that is rejected leaves everything as it was', async () => {
    const { simulator, rollcall, readHistory } = await deploy();
    await rollcall(['run']);
    const principal = simulator.world.principal();
    principal.removeAll();
    await rollcall(['run']);
    expect(await rollcall(['reject', '2'])).toMatchObject({ status: 0, stderr: '' });
    const { runs, changes, members } = await readHistory();
    expect(runs[0]).toMatchObject({ state: 'rejected' });
    expect([changes.length, members.length]).toEqual([0, 60]);
  });

  it('leaving is recorded, and the next report says that the departure was ours', async () => {
    const { simulator, rollcall, readMails, readHistory } = await deploy();
    await rollcall(['run']);
    const [first, second] = simulator.world.principal().memberships;
    expect(await rollcall(['organizations', 'leave', first?.id ?? ''])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('give --yes') as string,
    });
    expect(simulator.world.principal().size).toBe(60);
    const left = await rollcall(['organizations', 'leave', first?.id ?? '', '--yes']);
    expect(left).toMatchObject({ status: 0, stderr: '' });
    simulator.world.principal().remove(second?.id ?? '');
    expect((await rollcall(['run'])).status).toBe(0);
    const { changes } = await readHistory();
    const told = new Map(changes.map(({ organizationId, byUs }) => [organizationId, byUs]));
    expect([told.get(first?.id ?? ''), told.get(second?.id ?? '')]).toEqual([true, false]);
    expect((await readMails()).at(-1)?.text).toContain('we left it');
  });

  it('leaving by the membership is recorded and told as by the organization', async () => {
    const { simulator, rollcall, readMails, readHistory, variables } = await deploy();
    variables['ROLLCALL_SOURCE'] = 'memberships';
    await rollcall(['run']);
    const principal = simulator.world.principal();
    const [first, second, third] = principal.memberships;
    expect(await rollcall(['organizations', 'leave', 'f'.repeat(32), '--yes'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('none of the 60') as string,
    });
    const lost = simulator.faults.add({
      on: { path: 'delete-membership', times: Infinity },
      fault: { kind: 'reset', at: 'headers' },
      takesEffect: true,
    });
    const unknown = await rollcall(['organizations', 'leave', first?.id ?? '', '--yes']);
    expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining('Whether it took effect')]);
    lost.remove();
    const refused = simulator.faults.add({
      on: { path: 'delete-membership', times: Infinity },
      fault: { kind: 'answer', status: 403 },
    });
    expect((await rollcall(['organizations', 'leave', second?.id ?? '', '--yes'])).status).toBe(1);
    refused.remove();
    principal.remove(second?.id ?? '');
    const left = await rollcall(['organizations', 'leave', third?.id ?? '', '--yes']);
    expect(left).toMatchObject({ status: 0, stderr: '' });
    expect(left.stdout).toContain(third?.name);
    expect((await rollcall(['run'])).status).toBe(0);
    const { changes } = await readHistory();
    const told = new Map(changes.map(({ organizationId, byUs }) => [organizationId, byUs]));
    expect([first, second, third].map((one) => told.get(one?.id ?? ''))).toEqual([true, false, true]);
    expect((await readMails()).at(-1)?.text).toContain('we left it');
  });

  it('details and the listing follow the source, with all that it tells', async () => {
    const { simulator, rollcall } = await deploy();
    const principal = simulator.world.principal();
    const [first] = principal.memberships;
    principal.put({ id: 'e'.repeat(32), name: 'Declined', status: 'invited' });
    principal.reject('e'.repeat(32));
    const source = { ROLLCALL_SOURCE: 'memberships' };
    const details = await rollcall(['organizations', 'get', first?.id ?? ''], source);
    expect(JSON.parse(details.stdout)).toMatchObject({ id: first?.membershipId, account: { id: first?.id } });
    const override = ['--source', 'memberships'];
    const again = await rollcall(['organizations', 'get', first?.id ?? '', ...override]);
    expect(JSON.parse(again.stdout)).toMatchObject({ id: first?.membershipId });
    const listed = await rollcall(['organizations', 'list', ...override, '--status', 'rejected', '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ id: 'e'.repeat(32), status: 'rejected' }]);
    const header = async (more: string[], variables = {}) =>
      (await rollcall(['organizations', 'list', '--csv', ...more], variables)).stdout.split('\r\n')[0];
    expect(await header([], source)).toBe(
      'id,name,status,roles,permissions,membership_id,two_factor_enforced,api_access,policies,parent_organization',
    );
    expect(await header(['--source', 'organizations'], source)).toBe('id,name,status,roles,permissions');
  });

  it('details and the listing are the API’s own', async () => {
    const { simulator, rollcall } = await deploy();
    const [first] = simulator.world.principal().memberships;
    const details = await rollcall(['organizations', 'get', first?.id ?? '']);
    expect(JSON.parse(details.stdout)).toMatchObject({ id: first?.id, name: first?.name });
    const listed = await rollcall(['organizations', 'list', '--status', 'invited', '--json']);
    const invited = simulator.world.principal().memberships.filter(({ status }) => status === 'invited');
    expect((JSON.parse(listed.stdout) as { id: string }[]).map(({ id }) => id)).toEqual(
      invited.map(({ id }) => id).sort(),
    );
    const missing = await rollcall(['organizations', 'get', 'f'.repeat(32)]);
    expect(missing).toMatchObject({ status: 1, stdout: '' });
    expect(missing.stderr).toContain('1003');
  });
});
