import { canonicalJson, startDigest } from '../../domain/digest.ts';
import { firstDigestOf } from '../../domain/first-recipe.ts';
import { compareCodePoints, membershipColumns, type StatusCounts } from '../../domain/membership.ts';
import { type JsonRow, sinceLine } from '../../domain/seal.ts';

/** An interval that is open while the history is walked. */
interface Open {
  row: JsonRow;
  /** Its line in the digest of a snapshot. */
  line: string;
}

/** A principal's roll as it goes through its history, one interval opened or ended after the other. */
export class WalkedRoll {
  readonly #open = new Map<string, Open>();
  /** Organizations by the run that ends their interval. */
  readonly #ends = new Map<number, string[]>();
  /** When the newest interval of each organization ended. */
  readonly #endedAt = new Map<string, unknown>();
  /** Those that were open when they were last asked for in order. */
  #sorted: readonly string[] = [];
  /** Those that were opened since. */
  readonly #added = new Set<string>();

  /** Opens an interval; returns whether none was open. */
  open(row: JsonRow): boolean {
    const organization = row['organization_id'] as string;
    if (this.#open.has(organization)) return false;
    this.#open.set(organization, { row, line: lineOf(row) });
    this.#added.add(organization);
    const end = row['ended_run_id'];
    if (typeof end === 'number') this.#ends.set(end, [...(this.#ends.get(end) ?? []), organization]);
    return true;
  }

  /** Ends the intervals that this run ended, and returns them. */
  endBy(runId: number): JsonRow[] {
    const organizations = this.#ends.get(runId) ?? [];
    this.#ends.delete(runId);
    return organizations.flatMap((organization) => {
      const row = this.#open.get(organization)?.row;
      if (row === undefined) return [];
      this.#open.delete(organization);
      this.#endedAt.set(organization, row['valid_to']);
      return [row];
    });
  }

  /** When the interval before the one that is open ended; `null` where there was none. */
  lastEndOf(organization: string): unknown {
    return this.#endedAt.get(organization) ?? null;
  }

  /** A run that is to end an interval and has not come yet; `null` where there is none. */
  get pendingEnd(): number | null {
    return this.#ends.keys().next().value ?? null;
  }

  count(): StatusCounts & { all: number } {
    const counts = { members: 0, invited: 0, other: 0, all: this.#open.size };
    for (const { row } of this.#open.values()) {
      if (row['status'] === 'member') counts.members += 1;
      else if (row['status'] === 'invited') counts.invited += 1;
      else counts.other += 1;
    }
    return counts;
  }

  /** By the recipe of now, or the first. */
  digest(recipe: unknown): string {
    const rows = this.#inOrder();
    if (recipe === 1) return firstDigestOf(rows.map(({ row }) => row));
    const digest = startDigest();
    for (const { line } of rows) digest.add(line);
    return digest.end();
  }

  /** Over each membership and since when it is as it is: what a checkpoint keeps of its roll. */
  digestSince(): string {
    const digest = startDigest();
    for (const { row } of this.#inOrder()) digest.add(sinceLine(row));
    return digest.end();
  }

  #inOrder(): Open[] {
    if (this.#added.size > 0) {
      const kept = this.#sorted.filter((organization) => !this.#added.has(organization));
      // What is in order already is quickly sorted: on most nights little is added.
      this.#sorted = [...kept, ...this.#added]
        .filter((organization) => this.#open.has(organization))
        .sort(compareCodePoints);
      this.#added.clear();
    }
    return this.#sorted.flatMap((organization) => this.#open.get(organization) ?? []);
  }
}

function lineOf(row: JsonRow): string {
  return canonicalJson(Object.fromEntries(membershipColumns.map((column) => [column, row[column]])));
}
