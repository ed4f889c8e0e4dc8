import { type SeenWorker } from '../schedule/workers.ts';
import { type Check, countOf, ok, warn } from './check.ts';
import { formatMinute } from './minute.ts';

const subject = { check: 'workers' } as const;

/** What the workers are compared with: this process. */
export interface Here {
  version: string;
  configuration: string;
}

const startOne = 'Start `rollcall worker`, or let cron start `rollcall run` each night.';

/**
 * Who would start the night: the workers that live, and whether they are of one mind; or else when one was last seen.
 * `startedOtherwise` is how many of the last seven days had a complete run that no schedule of a worker started.
 */
export function judgeWorkers(workers: readonly SeenWorker[], startedOtherwise: number, here: Here): Check {
  const live = workers.filter(({ isLive }) => isLive);
  if (live.length > 0) return judgeLive(live, here);
  const [last] = workers;
  if (last !== undefined) {
    const when = `${formatMinute(last.seenAt)} UTC (${last.name}, version ${last.version})`;
    return warn(subject, `none runs; the last was seen ${when}`, startOne);
  }
  if (startedOtherwise > 1) {
    return ok(
      subject,
      `none was ever seen; \`rollcall run\` was started on ${startedOtherwise} of the last 7 days`,
    );
  }
  return warn(subject, 'none was ever seen on this database', startOne);
}

function judgeLive(live: readonly SeenWorker[], here: Here): Check {
  const found = `${countOf(live.length, 'worker')}, seen in the last minutes: ${live.map(nameAndVersion).join(', ')}`;
  const versions = new Set([here.version, ...live.map(({ version }) => version)]);
  if (versions.size > 1) {
    const what = `${found}; their versions differ, or from this one, ${here.version}`;
    return warn(subject, what, 'Bring all of them to one version.');
  }
  const others = live.filter(({ configuration }) => configuration !== here.configuration);
  if (others.length === 0) return ok(subject, found);
  return warn(
    subject,
    `${found}; configured otherwise than this command: ${others.map(({ name }) => name).join(', ')}`,
    'Restart what read an older configuration, or run this command with the same.',
  );
}

function nameAndVersion({ name, version }: SeenWorker): string {
  return `${name} (${version})`;
}

/** What there is to say where no database is made yet. */
export function checkWorkersToCome(): Check {
  return ok(subject, 'none yet; once there is a database, a worker says there that it lives');
}
