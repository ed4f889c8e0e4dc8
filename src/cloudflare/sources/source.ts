import type * as z from 'zod';
import { type Interning } from '../../domain/interning.ts';
import { type Membership } from '../../domain/membership.ts';
import { type listPageSchema } from '../schema.ts';

/** A row of a list: what it is ordered by and proven complete by, and what it says. */
export interface ListedRow {
  /** The id that the list is ordered by: no other row has it. */
  id: string;
  membership: Membership;
  /** Whether it is an invitation that was declined: that is listed, and on no roll. */
  isDeclined: boolean;
}

/** A row as an error names it. */
export function nameRow({ id, membership: { organizationId } }: ListedRow): string {
  return id === organizationId ? `organization ${id}` : `membership ${id} of organization ${organizationId}`;
}

/** An endpoint that lists memberships page by page. Paging and totals are the same of each. */
export interface ListSource {
  /** Below the base URL. */
  readonly path: string;
  /** Reads the answer for a page, whose roles, permissions and policies are kept in `interning`. */
  parse(body: unknown, interning: Interning): ParsedPage | z.ZodError;
}

/** A page as it was answered. */
export interface ParsedPage {
  rows: ListedRow[];
  info: z.output<ReturnType<typeof listPageSchema>>['result_info'];
}

/** What tells one source from another: where it is, what a page of it is, and what becomes of an item. */
export interface SourceDefinition<Item> {
  path: string;
  page: ReturnType<typeof listPageSchema<Item>>;
  toRow: (item: Item, interning: Interning) => ListedRow;
}

/** Makes a source of its definition. */
export function defineSource<Item>({ path, page, toRow }: SourceDefinition<Item>): ListSource {
  return {
    path,
    parse(body, interning) {
      const parsed = page.safeParse(body);
      if (!parsed.success) return parsed.error;
      const { result, result_info: info } = parsed.data;
      return { rows: result.map((item) => toRow(item, interning)), info };
    },
  };
}
