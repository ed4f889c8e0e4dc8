import { type JsonRow, type SealedRecord } from '../../domain/seal.ts';

/** What the links of a principal's complete runs cover beside those runs, as its history is walked. */
export class WalkedLinks {
  /** By the run that links it. */
  readonly #linked = new Map<number, SealedRecord[]>();
  /** Runs that the next complete one has to link. */
  #due: JsonRow[] = [];
  #hasBegun = false;

  /** Takes a record that a run links. */
  add(runId: number, record: SealedRecord): void {
    this.#linked.set(runId, [...(this.#linked.get(runId) ?? []), record]);
  }

  /** Takes a run that came to no snapshot. One that is abandoned may have come from another principal, after later runs. */
  addShort(run: JsonRow): void {
    if (run['abandoned'] !== true) this.#due.push(run);
  }

  /** What a run links. */
  take(runId: number): readonly SealedRecord[] {
    const records = this.#linked.get(runId) ?? [];
    this.#linked.delete(runId);
    return records;
  }

  /**
   * The id of a run that a complete one had to link, and did not; `null` where there is none. Earlier versions linked
   * nothing, and the first link of this one covers all of theirs.
   */
  findLeftOut(run: JsonRow): number | null {
    this.#hasBegun ||= run['records_digest'] !== null;
    if (!this.#hasBegun) return null;
    const leftOut = this.#due.find((one) => one['linked_by'] !== run['id']);
    this.#due = [];
    return leftOut === undefined ? null : (leftOut['id'] as number);
  }

  /** A run that is to link something and has not come yet; `null` where there is none. */
  get pending(): number | null {
    return this.#linked.keys().next().value ?? null;
  }
}
