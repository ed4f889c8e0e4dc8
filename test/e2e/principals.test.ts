import { describe, expect, it } from 'vitest';
import { deploy } from '../support/deployment.ts';

const legacy = { ROLLCALL_PRINCIPAL: 'legacy' };
const legacy2 = { ROLLCALL_PRINCIPAL: 'legacy-2' };

describe('a principal that has another name in the configuration', () => {
  it('is refused with the command that helps, which keeps its history and tells what changed', async () => {
    const { simulator, rollcall, readMails, readHistory } = await deploy();
    await rollcall(['run'], legacy);
    simulator.world.principal().put({ roles: ['Super Administrator - All Privileges'] });
    const command = 'rollcall principals rename legacy legacy-2';
    const refused = await rollcall(['run'], legacy2);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining(command) as string });
    expect((await readMails()).at(-1)?.text).toContain(command);
    const check = await rollcall(['check'], legacy2);
    expect(check.status).toBe(1);
    expect(check.stdout).toMatch(/FAIL {2}identity legacy-2 .*rollcall principals rename legacy legacy-2/);
    expect(check.stdout).toMatch(/warn {2}principals legacy .*nobody looks any more since/);

    expect(await rollcall(command.split(' ').slice(1), legacy2)).toMatchObject({ status: 0, stderr: '' });
    const run = await rollcall(['run'], legacy2);
    expect(run).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 change since run 1') as string,
    });
    expect((await readMails()).at(-1)?.subject).toContain('Super Administrator');
    const { members, runs } = await readHistory();
    expect([members.length, runs.length]).toEqual([61, 3]);
    const principals = await rollcall(['principals', '--json'], legacy2);
    expect(JSON.parse(principals.stdout)).toEqual([
      {
        principal: 'legacy-2',
        cloudflare_user_id: simulator.world.principal().userId,
        configured: true,
        retired_at: null,
        run_id: 3,
        seen_at: runs[0]?.finishedAt?.toISOString(),
        members: 55,
        invited: 6,
      },
    ]);
  });
});

describe('rollcall principals', () => {
  it('lists who is configured and who is known, retires, restores, and says what there is to know', async () => {
    const { rollcall } = await deploy();
    await rollcall(['run'], legacy);
    expect(await rollcall(['principals', 'retire', 'nobody'], legacy)).toMatchObject({
      status: 2,
      stderr: 'rollcall: The database knows no principal called nobody; there are: legacy.\n',
    });
    expect(await rollcall(['principals', 'rename', 'legacy', 'two\nlines'], legacy)).toMatchObject({
      status: 2,
    });

    const retired = await rollcall(['principals', 'retire', 'legacy'], legacy);
    expect(retired).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('legacy is retired') as string,
      stderr: expect.stringContaining('The configuration still names legacy') as string,
    });
    expect(await rollcall(['run'], legacy)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('rollcall principals restore legacy') as string,
    });
    const check = await rollcall(['check'], legacy);
    expect(check.status).toBe(0);
    expect(check.stdout).toMatch(/warn {2}principals legacy .*retired since/);
    expect(check.stdout).not.toMatch(/^\w+ +runs legacy/m);

    const again = await rollcall(['principals', 'retire', 'legacy'], legacy2);
    expect(again).toMatchObject({ status: 0, stderr: '' });
    expect(again.stdout).toMatch(/has been retired since .*: nothing was done/);
    const csv = await rollcall(['principals', '--csv'], legacy2);
    expect(csv.stdout).toMatch(
      /^principal,cloudflare_user_id,configured,retired_at,run_id,seen_at,members,invited\r\nlegacy,\w+,false,\S+Z,1,\S+Z,,\r\nlegacy-2,,true,,,,,\r\n$/,
    );

    const restored = await rollcall(['principals', 'restore', 'legacy'], legacy2);
    expect(restored).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('names no legacy') as string,
    });
    expect((await rollcall(['principals', 'restore', 'legacy'], legacy)).stdout).toContain('is not retired');
    expect((await rollcall(['principals'], legacy)).stdout).toMatch(/legacy +\w+ +true +1 +\S+ \S+ +54 +6/);
  });
});
