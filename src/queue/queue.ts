import { type Database } from '../database/database.ts';
import { type QueueName } from './queues.ts';

/** Something to be done, once for its key while it waits or is under way. */
export interface QueuedJob {
  key: string;
  data: object;
}

/** `done` for good; `later`: the queue hands it out again after its backoff. */
export type Handled = 'done' | 'later';

/** Does one job; what it throws ends a drain. `signal` ends it when the queue has given it to somebody else. */
export type Handler = (data: unknown, signal: AbortSignal) => Promise<Handled>;

/** Does jobs that wait, each once, one after the other, until there are none or `signal` ends it. */
export type Drain = (handle: Handler, signal: AbortSignal) => Promise<void>;

/** Work that waits in the database for whoever takes it: this process or another. */
export interface Queue {
  /** Adds jobs; within `tx`, they are there when it commits. One whose key waits or is under way is left out. */
  enqueue(tx: Database, name: QueueName, jobs: readonly QueuedJob[]): Promise<void>;
  /** Takes jobs as they come, `atOnce` side by side, until the queue is closed. */
  work(name: QueueName, atOnce: number, handle: Handler): Promise<void>;
  /** Does every job that waits now, whatever backoff it has yet to wait out, each once, one after the other. */
  drain(name: QueueName, handle: Handler, signal: AbortSignal): Promise<void>;
  /**
   * Sets the waiting jobs of these keys aside for the drain that it returns, which does them and no others; one that
   * is under way elsewhere stays there. Once `tx` commits, workers leave them alone for a minute, in case this process
   * does not come to it; only a drain of everything takes them sooner. From then on they go before other jobs.
   */
  reserve(tx: Database, name: QueueName, keys: readonly string[]): Promise<Drain>;
  /**
   * Has none of the waiting jobs of these keys handed out before so many seconds have passed, except by a drain; returns
   * how many wait the longer.
   */
  putOff(name: QueueName, keys: readonly string[], seconds: number): Promise<number>;
  /** Takes back the jobs of processes that no longer say that they live. A queue that works does so by itself. */
  takeBackFromTheDead(): Promise<void>;
  /** Takes back every job under way. Only for a process that has the database to itself and has just opened it. */
  takeBackAll(): Promise<void>;
  /** Takes no more jobs; resolves when those in hand have ended, after `graceMs` at the latest. */
  close(graceMs?: number): Promise<void>;
}
