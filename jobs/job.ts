import { type Config } from '../src/config.ts';
import { type Context } from '../src/context.ts';

/** Something that the worker does on a schedule. */
export interface Job {
  name: string;
  /** When it is due: a cron expression, read in a time zone. */
  schedule(config: Config): { expression: string; timezone: string };
  /** Whether it is also done once when the worker starts, for the instant of the start. Default: no. */
  atStart?: boolean;
  /** Does the job for the instant at which it was due. */
  run(context: Context, slot: Date): Promise<void>;
}
