import { type Config } from '../src/config.ts';
import { type Context } from '../src/context.ts';
import { type Handled } from '../src/queue/queue.ts';
import { type QueueName } from '../src/queue/queues.ts';
import { type Schedule } from '../src/schedule/slots.ts';

/** Something that the worker does: when the clock says so, as work comes into a queue, or both. */
export interface Job {
  name: string;
  clock?: {
    /** When it is due; `null` for never. */
    schedule(config: Config): Schedule | null;
    /** Whether it is also done once when the worker starts. Default: no. */
    atStart?: boolean;
    /** What every worker does at that instant: little, and no harm when all of them do it. */
    tick(context: Context, at: Date): Promise<void>;
  };
  /** Done once when the worker ends in order. */
  atEnd?(context: Context): Promise<void>;
  work?: {
    queue: QueueName;
    /** How much of it one worker does side by side. */
    atOnce: number;
    /** Does one job of the queue, which one worker has at a time. `context.signal` ends it. */
    handle(context: Context, data: unknown): Promise<Handled>;
  };
}
