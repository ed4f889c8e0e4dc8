import { eq, sql } from 'drizzle-orm';
import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { openDatabase } from '../../src/context/database.ts';
import { type Database, queryRows } from '../../src/database/database.ts';
import { configurationOf } from './ours.ts';
import { createPages, type ListedOrganization, type Night, type Roll } from './roll.ts';
import { type Counts, measure, type NightWork, type Reading } from './work.ts';

const nights = pgTable(
  'nights',
  {
    night: integer().notNull(),
    organizationId: text().notNull(),
    organizationName: text(),
    status: text(),
    roles: text().array(),
    permissions: text().array(),
  },
  (row) => [primaryKey({ columns: [row.night, row.organizationId] })],
);

const numbers: Readonly<Record<Night, number>> = { first: 1, quiet: 2, changed: 3 };
const batchSize = 1_000;

type Row = typeof nights.$inferSelect;

/**
 * The plain way: a full copy of the roll for each night, in one transaction, then last night's is read back and compared
 * in JavaScript. The roll is there before the clock starts, and the database is open.
 */
export async function takePlainNight({ place, roll, night }: NightWork): Promise<Reading> {
  const database = await openDatabase(configurationOf(place));
  try {
    const { db } = database;
    if (night === 'first') await createTable(db);
    const rows = rowsOf(roll, night);
    let changes: Record<string, number> = {};
    const work = async () => {
      await insert(db, rows);
      if (night !== 'first') changes = compare(await readNight(db, numbers[night] - 1), rows);
    };
    return await measure(work, async () => ({ ...(await count(db, numbers[night])), changes }));
  } finally {
    await database.close();
  }
}

async function createTable(db: Database): Promise<void> {
  await db.execute(sql`
    create table nights (
      night integer, organization_id text, organization_name text, status text, roles text[], permissions text[],
      primary key (night, organization_id)
    )`);
}

function rowsOf(roll: Roll, night: Night): Row[] {
  const pageOf = createPages(roll, night);
  return Array.from({ length: Math.ceil(roll.memberships / 50) }, (_, index) => {
    const { result } = JSON.parse(pageOf(index + 1, 50)) as { result: ListedOrganization[] };
    return result.map(({ id, name, status, roles, permissions }) => ({
      night: numbers[night],
      organizationId: id,
      organizationName: name,
      status,
      roles,
      permissions,
    }));
  }).flat();
}

async function insert(db: Database, rows: readonly Row[]): Promise<void> {
  await db.transaction(async (tx) => {
    for (let start = 0; start < rows.length; start += batchSize) {
      await tx.insert(nights).values(rows.slice(start, start + batchSize));
    }
  });
}

function readNight(db: Database, night: number): Promise<Row[]> {
  return db.select().from(nights).where(eq(nights.night, night));
}

function compare(last: readonly Row[], tonight: readonly Row[]): Record<string, number> {
  const changes: Record<string, number> = {};
  const add = (kind: string) => (changes[kind] = (changes[kind] ?? 0) + 1);
  const before = new Map(last.map((row) => [row.organizationId, row]));
  for (const row of tonight) {
    const known = before.get(row.organizationId);
    before.delete(row.organizationId);
    if (known === undefined) {
      add('joined');
      continue;
    }
    if (known.organizationName !== row.organizationName) add('renamed');
    if (known.status !== row.status) add('status_changed');
    if (!isSameList(known.roles, row.roles)) add('roles_changed');
    if (!isSameList(known.permissions, row.permissions)) add('permissions_changed');
  }
  for (const _gone of before) add('left');
  return changes;
}

function isSameList(left: readonly string[] | null, right: readonly string[] | null): boolean {
  if (left === null || right === null) return left === right;
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

async function count(db: Database, night: number): Promise<Omit<Counts, 'changes'>> {
  const [counted] = await queryRows<{ organizations: number; permissions: number }>(
    db,
    sql`
      select count(*)::int as organizations, sum(cardinality(permissions))::float8 as permissions
      from nights where night = ${night}`,
  );
  if (counted === undefined) throw new Error('expected a count');
  return counted;
}
