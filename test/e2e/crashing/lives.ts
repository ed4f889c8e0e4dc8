import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { rollcall, startRollcall, type Variables } from '../../support/command-line.ts';

/** A process that died before its time, or one that did all there was to do and ended by itself. */
export type Life = 'died' | 'done';

/** Starts `rollcall run`, which ends by itself when all is done. */
export async function runOnce(variables: Variables, folder: string): Promise<Life> {
  const { status, stdout, stderr } = await rollcall(['run'], variables, folder);
  if (status === null) return 'died';
  // The one thing that it has to say is whose run it took over.
  const others = stderr.split('\n').filter((line) => line !== '' && !line.includes('for its process died'));
  if (status !== 0 || others.length > 0) {
    throw new Error(`run ended with status ${status}: ${stdout}${stderr}`);
  }
  return 'done';
}

export interface WorkOptions {
  /** Whether all is done, by the worker's metrics; they are asked for whenever it says something. */
  isDone: (metrics: string) => boolean;
  /** When nobody waits for it any more. */
  signal: AbortSignal;
}

/** Starts a worker, and tells it to end once all is done. */
export async function workUntilDone(
  variables: Variables,
  folder: string,
  { isDone, signal }: WorkOptions,
): Promise<Life> {
  const worker = startRollcall(['worker'], variables, folder);
  worker.stdout.resume();
  const exit = once(worker, 'exit');
  const said: string[] = [];
  const tell = () => console.error(`the worker is not done; it said:\n${said.join('\n')}`);
  signal.addEventListener('abort', tell);
  let url: string | undefined;
  let wasTold = false;
  for await (const line of createInterface({ input: worker.stderr })) {
    said.push(line);
    url ??= /"url":"(http:[^"]+)"/.exec(line)?.[1];
    if (url === undefined || wasTold || !isDone(await readMetrics(url))) continue;
    wasTold = worker.kill('SIGTERM');
  }
  await exit;
  signal.removeEventListener('abort', tell);
  if (worker.signalCode === 'SIGKILL') return 'died';
  const isWell = worker.exitCode === 0 && wasTold && !said.some((line) => /"level":[56]0/.test(line));
  if (!isWell)
    throw new Error(`the worker ended with status ${worker.exitCode}; it said:\n${said.join('\n')}`);
  return 'done';
}

/** Nothing, when it died in the meantime. */
async function readMetrics(url: string): Promise<string> {
  try {
    return await (await fetch(`${url}/metrics`)).text();
  } catch {
    return '';
  }
}
