import { chainOfRow } from '../../domain/chain.ts';
import { canonicalJson, startDigest } from '../../domain/digest.ts';
import { firstChainOf } from '../../domain/first-recipe.ts';
import { digestRecords, type JsonRow, sealOf } from '../../domain/seal.ts';
import { WalkedLinks } from './links.ts';
import { type MismatchOf, Mismatched } from './mismatch.ts';
import { checkReport } from './reports.ts';
import { WalkedRoll } from './roll.ts';
import { type Walk } from './walk.ts';

/** The history of all principals, one after the other. */
export interface Walks {
  runs: Walk;
  memberships: Walk;
  changes: Walk;
  reports: Walk;
}

/** A complete run that matched, and the chain up to it. */
export interface Head {
  runId: number;
  chain: string;
}

/** Whose history to walk, and how far. */
export interface PrincipalHistory {
  principalId: number;
  /** The row of `checkpoints`, where its history was pruned. */
  checkpoint: JsonRow | null;
  /** The complete run to stop after. Default: the newest. */
  untilRunId: number | null;
  /** Told of each run that matched. */
  onRun: () => void;
}

/** Walks through one principal's history and checks all of it. Throws {@link Mismatched} at the first that does not match. */
export class PrincipalWalk {
  readonly #history: PrincipalHistory;
  readonly #walks: Walks;
  readonly #roll = new WalkedRoll();
  readonly #links = new WalkedLinks();
  #lastRunId = 0;
  #runningId: number | null = null;
  #head: Head | null = null;
  #unchecked = 0;
  /** When the run ended that the history begins with, where what was before is pruned. */
  #beganAt: unknown = null;

  constructor(history: PrincipalHistory, walks: Walks) {
    this.#history = history;
    this.#walks = walks;
  }

  /** The newest complete run that matched; `null` before there is one. */
  get head(): Head | null {
    return this.#head;
  }

  /** How many rows from before its beginning are there still, which nothing proves any more. */
  get unchecked(): number {
    return this.#unchecked;
  }

  /** Checks every run up to the last; what is behind that must be nothing but what no run has linked yet. */
  async check(): Promise<void> {
    const { untilRunId, onRun } = this.#history;
    for await (const run of this.#walks.runs.takeWhile(this.#isOurs)) {
      if (this.#isPruned(run['id'])) continue;
      this.#requireOrder(run);
      if (run['state'] === 'running') {
        this.#runningId = run['id'] as number;
        continue;
      }
      if (run['state'] === 'complete') await this.#checkComplete(run);
      else this.#checkShort(run);
      onRun();
      if (untilRunId !== null && run['id'] === untilRunId) return;
    }
    await this.#checkRest();
  }

  readonly #isOurs = (row: JsonRow) => row['principal_id'] === this.#history.principalId;

  /** The complete run at which the history begins, since what was before is pruned; 0 where nothing is. */
  get #baseId(): number {
    return Number(this.#history.checkpoint?.['run_id'] ?? 0);
  }

  /** Whether a row is left from before the run that the history begins with. */
  #isPruned(runId: unknown, lastPrunedId = this.#baseId - 1): boolean {
    const isPruned = Number(runId) <= lastPrunedId;
    if (isPruned) this.#unchecked += 1;
    return isPruned;
  }

  #requireOrder(run: JsonRow): void {
    const id = Number(run['id']);
    if (id <= this.#lastRunId) throw new Mismatched('run', id, `it comes after run ${this.#lastRunId}`);
    this.#lastRunId = id;
  }

  #checkShort(run: JsonRow): void {
    const {
      id,
      seal,
      linked_by: linkedBy,
    } = run as { id: number; seal: string | null; linked_by: number | null };
    if (seal === null) throw new Mismatched('run', id, 'it has ended and has no seal');
    if (sealOf('runs', run) !== seal) throw new Mismatched('run', id, 'it is not what was sealed');
    if (linkedBy !== null) this.#links.add(linkedBy, { table: 'runs', id, seal });
    this.#links.addShort(run);
  }

  async #checkComplete(run: JsonRow): Promise<void> {
    const id = run['id'] as number;
    const isBase = id === this.#baseId;
    if (isBase) this.#beganAt = run['finished_at'];
    if (this.#runningId !== null)
      throw new Mismatched('run', this.#runningId, `it is under way, and run ${id} after it is complete`);
    this.#checkBaseline(run, isBase);
    const hasMoved = await this.#moveRoll(run, isBase);
    this.#checkSnapshot(run, hasMoved || isBase);
    await this.#checkChanges(run, isBase);
    await this.#checkRecords(run, isBase);
    this.#checkLink(run, isBase);
    this.#head = { runId: id, chain: run['chain'] as string };
  }

  /** Of the run that the history begins with, the checkpoint keeps what went before it, until that is deleted. */
  #checkBaseline(run: JsonRow, isBase: boolean): void {
    const named = run['baseline_run_id'] as number | null;
    const before = isBase
      ? (this.#history.checkpoint?.['baseline_run_id'] as number | null)
      : (this.#head?.runId ?? null);
    if (named === before || (isBase && named === null)) return;
    throw new Mismatched(
      'gap',
      run['id'] as number,
      `it names ${nameRun(named)} as the complete run before it; that is ${nameRun(before)}`,
    );
  }

  /** Ends and opens the intervals of this run; returns whether there were any. */
  async #moveRoll(run: JsonRow, isBase: boolean): Promise<boolean> {
    const id = run['id'] as number;
    const wrong = (row: JsonRow, detail: string) =>
      new Mismatched('interval', id, `the membership in ${String(row['organization_id'])} ${detail}`);
    const ended = this.#roll.endBy(id);
    for (const row of ended) {
      if (row['valid_to'] !== run['finished_at']) throw wrong(row, 'ended at another time than the run');
    }
    let opened = 0;
    const isDue = (row: JsonRow) => this.#isOurs(row) && Number(row['first_run_id']) <= id;
    for await (const row of this.#walks.memberships.takeWhile(isDue)) {
      const { first_run_id: first, ended_run_id: end, previous_valid_to: previous } = row;
      if (end !== null && this.#isPruned(end, this.#baseId)) continue;
      if (first !== id) throw wrong(row, `begins at run ${String(first)}, which is no complete run`);
      if (end !== null && Number(end) <= id) throw wrong(row, 'ends before it begins');
      if (end === null && row['valid_to'] !== null) throw wrong(row, 'has an end, and no run that ended it');
      if (!isBase && row['valid_from'] !== run['finished_at'])
        throw wrong(row, 'begins at another time than the run');
      const lastEnd = this.#roll.lastEndOf(row['organization_id'] as string);
      const isAfterPruned = lastEnd === null && this.#isBeforeBeginning(previous);
      if (previous !== lastEnd && !isAfterPruned) throw wrong(row, 'does not follow on the one before it');
      if (!this.#roll.open(row)) throw wrong(row, 'begins while another is open');
      opened += 1;
    }
    return ended.length + opened > 0;
  }

  /** Whether an interval that ended then may have been pruned. */
  #isBeforeBeginning(end: unknown): boolean {
    return typeof end === 'string' && typeof this.#beganAt === 'string' && end <= this.#beganAt;
  }

  #lastDigest: { recipe: unknown; digest: string } | null = null;

  #checkSnapshot(run: JsonRow, hasMoved: boolean): void {
    const id = run['id'] as number;
    const recipe = run['digest_version'];
    if (recipe !== 1 && recipe !== 2)
      throw new Mismatched('run', id, `its recipe is ${String(recipe)}, which nobody knows`);
    if (hasMoved || this.#lastDigest?.recipe !== recipe)
      this.#lastDigest = { recipe, digest: this.#roll.digest(recipe) };
    const counts = this.#roll.count();
    for (const [column, count] of [
      ['organizations', counts.all],
      ['members', counts.members],
      ['invited', counts.invited],
    ] as const) {
      const said = run[column];
      const isLeftOut = said === null && column !== 'organizations' && recipe === 1;
      if (said !== count && !isLeftOut)
        throw new Mismatched(
          'snapshot',
          id,
          `it says that it saw ${String(said)} (${column}); the memberships are ${count}`,
        );
    }
    if (this.#lastDigest.digest !== run['digest'])
      throw new Mismatched('snapshot', id, 'the memberships that it saw are not those of its digest');
    const { checkpoint } = this.#history;
    if (id === this.#baseId && checkpoint?.['roll_digest'] !== this.#roll.digestSince())
      throw new Mismatched(
        'interval',
        id,
        'the memberships are not those that the checkpoint kept, or not since then',
      );
  }

  async #checkChanges(run: JsonRow, isBase: boolean): Promise<void> {
    const id = run['id'] as number;
    const digest = startDigest();
    let found = 0;
    const isDue = (row: JsonRow) => this.#isOurs(row) && Number(row['run_id']) <= id;
    for await (const { principal_id: _, ...change } of this.#walks.changes.takeWhile(isDue)) {
      if (this.#isPruned(change['run_id'], this.#baseId)) continue;
      if (change['run_id'] !== id)
        throw new Mismatched(
          'changes',
          id,
          `change ${String(change['id'])} is of run ${String(change['run_id'])}, which is no complete run`,
        );
      digest.add(canonicalJson(change));
      found += 1;
    }
    if (isBase) return;
    if (found !== run['changes'])
      throw new Mismatched(
        'changes',
        id,
        `it says that it stored ${String(run['changes'])}; there are ${found}`,
      );
    const made = run['digest_version'] === 1 ? null : digest.end();
    if (made !== run['changes_digest'])
      throw new Mismatched('changes', id, 'its changes are not those of their digest');
  }

  async #checkRecords(run: JsonRow, isBase: boolean): Promise<void> {
    const id = run['id'] as number;
    const isDue = (row: JsonRow) =>
      this.#isOurs(row) && row['linked_by'] !== null && Number(row['linked_by']) <= id;
    for await (const report of this.#walks.reports.takeWhile(isDue)) {
      const linkedBy = report['linked_by'] as number;
      if (this.#isPruned(linkedBy, this.#baseId)) continue;
      checkReport(report);
      this.#links.add(linkedBy, {
        table: 'reports',
        id: report['id'] as number,
        seal: report['seal'] as string,
      });
    }
    const records = this.#links.take(id);
    if (!isBase && digestRecords(records) !== run['records_digest'])
      throw new Mismatched(
        'records',
        id,
        'the failed runs and reports that it links are not those of their digest',
      );
    const leftOut = this.#links.findLeftOut(run);
    if (leftOut !== null)
      throw new Mismatched('records', id, `it does not link run ${leftOut}, which ended before it`);
  }

  #checkLink(run: JsonRow, isBase: boolean): void {
    const id = run['id'] as number;
    const { checkpoint } = this.#history;
    const previous = isBase ? (checkpoint?.['previous_chain'] as string | null) : (this.#head?.chain ?? null);
    const linked = isBase ? { ...run, baseline_run_id: checkpoint?.['baseline_run_id'] } : run;
    const isFirst = run['digest_version'] === 1;
    const made = isFirst ? firstChainOf(run, previous) : chainOfRow(linked, previous);
    if (made !== run['chain'])
      throw new Mismatched('run', id, 'what it says of itself, or its chain, is not what was chained');
    const empty = [
      'error',
      'seal',
      'linked_by',
      'superseded_by',
      isFirst ? 'records_digest' : 'chained_name',
    ];
    const filled = empty.find((column) => run[column] !== null);
    if (filled !== undefined) throw new Mismatched('run', id, `it is complete and has a value in ${filled}`);
  }

  /** What comes after the last complete run. */
  async #checkRest(): Promise<void> {
    const last = this.#head?.runId ?? null;
    const wrong = (of: MismatchOf, detail: string) => new Mismatched(of, last, detail);
    if (this.#baseId > 0 && this.#beganAt === null)
      throw wrong('gap', `run ${this.#baseId}, which the history begins with, is not there`);
    for await (const row of this.#walks.memberships.takeWhile(this.#isOurs))
      throw wrong(
        'interval',
        `a membership begins at run ${String(row['first_run_id'])}, which is no complete run`,
      );
    for await (const row of this.#walks.changes.takeWhile(this.#isOurs))
      throw wrong(
        'changes',
        `change ${String(row['id'])} is of run ${String(row['run_id'])}, which is no complete run`,
      );
    for await (const report of this.#walks.reports.takeWhile(this.#isOurs)) {
      checkReport(report);
      const { id, linked_by: linkedBy } = report as { id: number; linked_by: number | null };
      if (linkedBy !== null)
        throw wrong('records', `report ${id} is linked by run ${linkedBy}, which is no complete run`);
    }
    const linkedBy = this.#links.pending;
    if (linkedBy !== null)
      throw wrong('records', `something is linked by run ${linkedBy}, which is no complete run after it`);
    const end = this.#roll.pendingEnd;
    if (end !== null)
      throw wrong('interval', `a membership is ended by run ${end}, which is no complete run`);
  }
}

function nameRun(id: number | null): string {
  return id === null ? 'no run' : `run ${id}`;
}
