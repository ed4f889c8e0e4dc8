import { fingerprintOf } from '../src/config/fingerprint.ts';
import { isAwayDatabaseError } from '../src/database/explain.ts';
import { readVersion } from '../src/project.ts';
import { dismissWorker, seeWorker } from '../src/schedule/workers.ts';
import { type Job } from './job.ts';

/** Every minute: says in the database that this worker lives, of which version it is, and how it is configured. */
export const presenceJob: Job = {
  name: 'presence',
  clock: {
    schedule: () => ({ expression: '* * * * *', timezone: 'UTC' }),
    atStart: true,
    async tick({ db, worker, config }) {
      const identity = {
        name: worker,
        version: readVersion(),
        configuration: fingerprintOf(config),
        schedule: config.schedule,
      };
      try {
        await seeWorker(db, identity);
      } catch (error) {
        // That it is away is told already, and the next minute will do.
        if (!isAwayDatabaseError(error)) throw error;
      }
    },
  },
  atEnd: ({ db, worker }) => dismissWorker(db, worker),
};
