import path from 'node:path';
import stringWidth from 'string-width';
import { expect, it, onTestFinished, vi } from 'vitest';
import { readCommandLine } from '../../src/cli/program.ts';
import { applyNight } from '../../src/simulator/night.ts';
import { scratchFolder } from '../support/command-line.ts';
import { deploy } from '../support/deployment.ts';
import { onPaper } from '../support/paper.ts';

const names = [
  '株式会社東京ホールディングス国際事業本部',
  '👩‍💻 Studio 🐦🐦🐦',
  'Z̃ä́l̃g̈ó Ltd',
  'x'.repeat(3_000),
  'Acme \u202Egnp.exe',
];

const commands = [
  ['runs'],
  ['members'],
  ['members', '--at', '0m'],
  ['changes'],
  ...names.map((name) => ['history', name]),
  ['diff', '1', '2'],
  ['diff', '2', '1'],
  ['reports'],
  ['reports', 'show', '2'],
  ['reports', 'preview'],
  ['reports', 'preview', '--sample'],
  ['principals'],
  ['organizations', 'list'],
  ['organizations', 'list', '--source', 'memberships'],
  ['sources'],
  ['sql', 'select * from rollcall.change_log'],
  [
    'sql',
    'select organization_id as a, organization_id as a, roles, null as nothing from rollcall.memberships',
  ],
  ['sql', 'select * from rollcall.runs where false'],
  ['verify'],
  ['check'],
  ['run', '--dry-run'],
  ['run'],
];

it('every command fits 20, 40, 60, 80 and 120 columns', async () => {
  const { simulator, rollcall, variables } = await deploy();
  await rollcall(['run']);
  applyNight(simulator.world);
  for (const name of names)
    simulator.world.principal().put({ name, roles: ['株式会社 Administrator', 'Billing'] });
  await rollcall(['run']);
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());

  const folder = path.join(scratchFolder(), 'history');
  const onFolder = [
    ['export', '--out', folder, '--force'],
    ['verify', '--file', folder],
  ];
  for (const width of [20, 40, 60, 80, 120]) {
    for (const command of [...commands, ...onFolder]) {
      const paper = onPaper(width);
      const status = await readCommandLine(command, paper.terminal);
      const tooWide = paper
        .printed()
        .split('\n')
        .filter((line) => stringWidth(line) > width);

      expect({ status, tooWide }, `${command.join(' ')} at ${width}: ${paper.warned()}`).toEqual({
        status: 0,
        tooWide: [],
      });
      expect(paper.printed()).not.toBe('');
    }
    simulator.world.principal().put({ name: `東京 ${width}` });
  }
});
