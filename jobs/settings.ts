import { type SettingsWatch } from '../src/config/settings-watch.ts';
import { type Log } from '../src/log.ts';
import { type Job } from './job.ts';

/** Every minute: tells what has changed in the files that a worker reads at its start alone. */
export function settingsJob(watch: SettingsWatch): Job {
  return {
    name: 'settings',
    clock: {
      schedule: () => ({ expression: '* * * * *', timezone: 'UTC' }),
      tick: ({ log }) => {
        tellChanged(log, watch);
        return Promise.resolve();
      },
    },
  };
}

/** One line for each file that holds something else than the worker goes by. */
export function tellChanged(log: Log, watch: SettingsWatch): void {
  for (const file of watch.findChanged())
    log.warn({ file }, 'settings changed, restart the worker to apply them');
}
