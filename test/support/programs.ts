import { spawnSync } from 'node:child_process';

/** Whether a program of .ci/packages is on this machine. Whoever asks for one that is not says so and is skipped. */
export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}

/** What a program says of a text or of files: its status, and all that it printed. */
export function ask(
  name: string,
  args: readonly string[],
  input = '',
): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(name, args, { input, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}
