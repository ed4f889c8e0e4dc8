import { sql, type SQL } from 'drizzle-orm';
import {
  columnOf,
  fieldNames,
  type FieldType,
  type Membership,
  type MembershipField,
  membershipFields,
} from '../domain/membership.ts';

/** What PostgreSQL calls each type of a field. */
const typeNames: Readonly<Record<FieldType, string>> = { text: 'text', set: 'text[]', flag: 'boolean' };

/** `organization_name, status, …`: the columns of a membership's fields, of `table` where it is named. */
export function fieldList(table?: string): SQL {
  return join((column) => sql.raw(qualified(table, column)));
}

/** `organization_name text, status text, roles text[], …`: for a table or a recordset. */
export function fieldDefinitions(): SQL {
  return sql.join(
    fieldNames.map((field) => sql.raw(`${columnOf(field)} ${typeNames[membershipFields[field]]}`)),
    sql`, `,
  );
}

/** Whether any field differs between two tables, unknown being a value like any other. */
export function anyFieldDiffers(left: string, right: string): SQL {
  return sql`(${fieldList(left)}) is distinct from (${fieldList(right)})`;
}

/** `before.status as before_status, …`: a table's fields under names of their own, for {@link membershipFrom}. */
export function fieldsNamed(table: string, prefix: string): SQL {
  return join((column) => sql.raw(`${qualified(table, column)} as ${prefix}${column}`));
}

/** The membership in a row of a hand-written query, whose fields were named with `prefix`. */
export function membershipFrom(row: Readonly<Record<string, unknown>>, prefix = ''): Membership {
  const fields = fieldNames.map((field) => [field, row[prefix + columnOf(field)] ?? null]);
  return { organizationId: row['organization_id'], ...Object.fromEntries(fields) } as Membership;
}

/**
 * Memberships as a relation, of some thousands at most: a set travels once, however many have it. The columns are
 * `organization_id` and those of {@link fieldList}.
 */
export function relationOf(memberships: readonly Membership[]): SQL {
  const sets = new Map<readonly string[], number>();
  const rows = memberships.map((membership) => {
    const fields = fieldNames.map((field) => [columnOf(field), travelling(membership[field], sets)]);
    return { organization_id: membership.organizationId, ...Object.fromEntries(fields) } as object;
  });
  const setFields = fieldNames.filter((field) => membershipFields[field] === 'set').map(columnOf);
  const columns = join((column, field) =>
    sql.raw(membershipFields[field] === 'set' ? `of_${column}.value as ${column}` : `seen.${column}`),
  );
  const types = join((column, field) =>
    sql.raw(`${column} ${membershipFields[field] === 'set' ? 'int' : typeNames[membershipFields[field]]}`),
  );
  const joins = setFields.map((column) =>
    sql.raw(`left join sets as of_${column} on of_${column}.number = seen.${column}`),
  );
  return sql`(
    with sets as materialized (
      select number, array(select jsonb_array_elements_text(list)) as value
      from jsonb_array_elements(${JSON.stringify([...sets.keys()])}::jsonb) with ordinality as one (list, number)
    )
    select seen.organization_id, ${columns}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as seen (organization_id text, ${types})
    ${sql.join(joins, sql` `)}
  )`;
}

/** A value as it is, a set by its number among those that travel, from 1. */
function travelling(
  value: Membership[MembershipField],
  sets: Map<readonly string[], number>,
): string | number | boolean | null {
  if (value === null || typeof value !== 'object') return value;
  const number = sets.get(value) ?? sets.size + 1;
  sets.set(value, number);
  return number;
}

/** Splits what travels, so that no statement carries a whole roll. */
export function chunksOf<T>(values: readonly T[], size = 1_000): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}

function join(write: (column: string, field: MembershipField) => SQL): SQL {
  return sql.join(
    fieldNames.map((field) => write(columnOf(field), field)),
    sql`, `,
  );
}

function qualified(table: string | undefined, column: string): string {
  return table === undefined ? column : `${table}.${column}`;
}
