import { type Config } from '../src/config.ts';
import { type Context } from '../src/context.ts';

/** Something that the worker does on a schedule. */
export interface Job {
  name: string;
  /** When it is due: a cron expression, read in a time zone. */
  schedule(config: Config): { expression: string; timezone: string };
  /** Does the job for the instant at which it was due. */
  run(context: Context, slot: Date): Promise<void>;
}
