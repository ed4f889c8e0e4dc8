import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import stringWidth from 'string-width';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readCommandLine } from '../../src/cli/program.ts';
import { reports } from '../../src/database/schema.ts';
import { applyNight } from '../../src/simulator/night.ts';
import { scratchFolder } from '../support/command-line.ts';
import { lookInto } from '../support/database-environment.ts';
import { deploy } from '../support/deployment.ts';
import { onPaper } from '../support/paper.ts';

/** The real command line in this process. */
function inProcess(variables: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  return async (words: readonly string[], width: number | null = null) => {
    const paper = onPaper(width);
    const status = await readCommandLine(['reports', 'preview', ...words], paper.terminal);
    return { status, stdout: paper.printed(), stderr: paper.warned() };
  };
}

/** What a preview cannot know: the number, the chain, and the hash and the times of a run that is still to come. */
function withoutWhatIsToCome(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{64}/g, '…')
    .replaceAll(/\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?/g, '…')
    .replaceAll(/(?<=Run +)(?:N|\d+)(?=,)/g, 'N');
}

describe('rollcall reports preview', () => {
  it('shows what the next run sends, to whom, and stores and sends nothing', async () => {
    const { simulator, mailServer, database, rollcall, readMails, variables } = await deploy();
    const preview = inProcess({ ...variables, MAIL_TO: 'security@example.com, audit@example.com' });
    await rollcall(['run']);
    expect(await preview([])).toMatchObject({ status: 0, stdout: 'No report would be sent now.\n' });
    applyNight(simulator.world);
    const before = [await lookInto(database, (db) => db.select().from(reports)), mailServer.messages.length];

    const shown = await preview([]);
    const narrow = await preview([], 40);

    expect(shown).toMatchObject({ status: 0, stderr: expect.stringContaining('dry run: ') as string });
    expect([await lookInto(database, (db) => db.select().from(reports)), mailServer.messages.length]).toEqual(
      before,
    );
    const [title, to, , csv] = shown.stdout.split('\n');
    expect(title).toBe('1 of 1: changes');
    expect(to).toBe('To       security@example.com, audit@example.com');
    expect(csv).toMatch(/^CSV +rollcall-default-[\d-]+\.csv$/);
    expect(shown.stdout).not.toContain(String(Number.MAX_SAFE_INTEGER));
    expect(Math.max(...narrow.stdout.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(40);
    await rollcall(['run']);
    const mail = (await readMails()).at(-1);
    expect(shown.stdout).toContain(`Subject  ${mail?.subject ?? 'none'}\n`);
    expect(withoutWhatIsToCome(shown.stdout)).toContain(withoutWhatIsToCome(mail?.text?.trimEnd() ?? 'none'));
  });

  it('shows what would be said of a hold and of a failure, and filters by kind and principal', async () => {
    const { simulator, rollcall, variables, readHistory } = await deploy();
    const preview = inProcess(variables);
    await rollcall(['run']);
    const principal = simulator.world.principal();
    for (const { id } of principal.memberships.slice(0, 20)) principal.remove(id);
    const held = await preview(['--principal', 'default']);
    expect(held).toMatchObject({ status: 0, stdout: expect.stringMatching(/^1 of 1: held\n/) as string });
    expect(held.stdout).toContain('rollcall approve N');
    expect(await preview(['--kind', 'changes'])).toMatchObject({
      stdout: 'No report of kind changes would be sent now.\n',
    });
    principal.tokenMay.list = false;
    const failed = await preview([]);
    expect(failed).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^1 of 1: failure\n/) as string,
    });
    expect(failed.stderr).toMatch(/403|401/);
    expect((await readHistory()).runs).toHaveLength(1);
    expect(await preview(['--principal', 'defualt'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('Did you mean default?') as string,
    });
  });
});

/** Nothing is there: no database, no principal, no Cloudflare. */
function sampleOf() {
  const nowhere = path.join(scratchFolder(), 'nowhere');
  const preview = inProcess({ ROLLCALL_DATA_DIR: nowhere, CLOUDFLARE_BASE_URL: 'http://127.0.0.1:1' });
  return (words: readonly string[], width?: number) => preview(['--sample', ...words], width);
}

describe('rollcall reports preview --sample', () => {
  it('shows one of each kind, or of the kind that is asked for, of the principal that is named', async () => {
    const sample = sampleOf();
    const all = await sample([]);
    expect(all).toMatchObject({ status: 0, stderr: '' });
    const titles = [...all.stdout.matchAll(/^\d+ of \d+: (.*)$/gm)].map(([, title]) => title);
    expect(titles).toEqual(
      expect.arrayContaining(['baseline', 'changes', 'held', 'failure', 'recovery', 'digest']),
    );
    const one = await sample(['--kind', 'held', '--principal', 'équipe']);
    expect(one.stdout).toMatch(/^1 of 2: held\nSubject {2}\[rollcall\] .*équipe/);
    expect(await sample(['--text'])).toEqual(all);
    for (const width of [20, 40, 80]) {
      const { stdout } = await sample([], width);
      expect(Math.max(...stdout.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
    }
  });

  it('writes HTML and CSV into a folder for this user alone, and into none with anything in it', async () => {
    const sample = sampleOf();
    const folder = path.join(scratchFolder(), 'preview');
    expect(await sample(['--html', folder])).toMatchObject({ status: 0, stderr: '' });
    const files = readdirSync(folder);
    expect(files).toEqual(
      expect.arrayContaining(['01-baseline.html', '02-changes.csv', '02-changes.html', 'index.html']),
    );
    for (const file of files) expect(statSync(path.join(folder, file)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const index = readFileSync(path.join(folder, 'index.html'), 'utf8');
    const linked = [...index.matchAll(/href="([^"]+)"/g)].map(([, file]) => file);
    expect(linked.toSorted()).toEqual(files.filter((file) => file !== 'index.html').toSorted());

    writeFileSync(path.join(folder, '01-baseline.html'), 'mine');
    for (const place of [folder, path.join(folder, '01-baseline.html')]) {
      expect(await sample(['--html', place])).toMatchObject({ status: 2, stdout: '' });
    }
    expect(readFileSync(path.join(folder, '01-baseline.html'), 'utf8')).toBe('mine');
    expect(await sample(['--html', folder, '--text'])).toMatchObject({ status: 2 });
  });

  it('writes one page with every mail in it, and in place of nothing', async () => {
    const sample = sampleOf();
    const file = path.join(scratchFolder(), 'preview.html');
    expect(await sample(['--html', file])).toMatchObject({ status: 0, stderr: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const page = readFileSync(file, 'utf8');
    expect(page.match(/<iframe [^>]*sandbox srcdoc="&lt;!doctype html&gt;/g)?.length).toBeGreaterThan(7);
    expect(page).toContain('Super Administrator gained in');
    const again = await sample(['--html', file]);
    expect(again).toMatchObject({ status: 2, stdout: '' });
    expect(again.stderr).toContain('is there already');
    expect(readFileSync(file, 'utf8')).toBe(page);
    const nowhere = await sample(['--html', path.join(file, 'x.html')]);
    expect(nowhere).toMatchObject({ status: 2, stdout: '' });
  });

  it.runIf(process.platform === 'linux')('opens them in the browser, or says where they are', async () => {
    const sample = sampleOf();
    const programs = scratchFolder();
    vi.stubEnv('PATH', programs);
    const folder = path.join(scratchFolder(), 'preview');
    const without = await sample(['--html', folder, '--open']);
    expect(without).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('index.html yourself') as string,
    });
    const opened = path.join(programs, 'opened');
    writeFileSync(path.join(programs, 'xdg-open'), `#!/bin/sh\nprintf %s "$1" > '${opened}'\n`);
    chmodSync(path.join(programs, 'xdg-open'), 0o700);
    const other = path.join(scratchFolder(), 'other');
    expect(await sample(['--html', other, '--open'])).toMatchObject({ status: 0, stderr: '' });
    await expect.poll(() => readFileSync(opened, 'utf8')).toBe(path.join(other, 'index.html'));
  });
});
