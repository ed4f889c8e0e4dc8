import { type Context } from '../context.ts';
import { type Order, runPrincipal, type RunResult } from '../pipeline.ts';
import { pause, pauseMs } from './pause.ts';

/** Runs a principal as soon as nobody else does; what it comes to after `seconds` is who has it. */
export function runWhenFree(
  seconds: number,
  onWaiting: (line: string) => void,
): (context: Context, order: Order) => Promise<RunResult> {
  return async (context, order) => {
    for (let waitedMs = 0; ; waitedMs += pauseMs) {
      const result = await runPrincipal(context, order);
      const isWorthWaiting = result.outcome === 'busy' || result.outcome === 'interrupted';
      if (!isWorthWaiting || context.signal.aborted || waitedMs >= seconds * 1000) return result;
      if (waitedMs === 0) onWaiting(`${order.principal.name}: ${describeWait(result, seconds)}`);
      await pause(context.signal);
    }
  };
}

function describeWait(
  result: Extract<RunResult, { outcome: 'busy' | 'interrupted' }>,
  seconds: number,
): string {
  return result.outcome === 'busy'
    ? `run ${result.runId} is under way by ${result.worker ?? 'another process'}; waiting up to ${seconds} seconds for it…`
    : `run ${result.run.id} was interrupted; trying again for up to ${seconds} seconds…`;
}
