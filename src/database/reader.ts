import { sql } from 'drizzle-orm';
import { describeError, RollcallError } from '../domain/errors.ts';
import { shellWord } from '../domain/shell-word.ts';
import { type Database, queryRows } from './database.ts';
import { codeOf, notAllowed } from './explain.ts';
import { awaitOtherMigrators } from './migrate.ts';

/** Tables and views that a reader reads whole: the history, what it is checked by, and which version wrote it. */
const readable = [
  'migrations',
  'principals',
  'runs',
  'memberships',
  'changes',
  'invitations',
  'reports',
  'checkpoints',
  'snapshots',
  'current_memberships',
  'change_log',
];

/** Of the ledger: neither whom mail goes to, nor what a mail server said of it, which names them. */
const readableOfDeliveries = [
  'id',
  'report_id',
  'state',
  'attempts',
  'message_id',
  'carrier',
  'with_file',
  'sent_at',
  'owed_since',
  'created_at',
];

/** What a role is granted that reads the history and nothing else, statement by statement. */
export function grantsOfReader(name: string): string[] {
  const role = quoted(name);
  return [
    `grant usage on schema rollcall to ${role}`,
    `grant select on ${readable.map((relation) => `rollcall.${relation}`).join(', ')} to ${role}`,
    `grant select (${readableOfDeliveries.join(', ')}) on rollcall.deliveries to ${role}`,
    `grant execute on function rollcall.memberships_as_of(timestamptz) to ${role}`,
  ];
}

/**
 * Makes a role that reads the history and nothing else, or gives one that is there just these rights; its password and
 * its other attributes are left as they are. Done again, it changes nothing. What a later migration adds is not read
 * until then.
 *
 * Throws `usage` for a name that no role can have, and `configuration` where this user may not do it or the role could
 * do more than read, for whatever reason; then nothing of the role has changed.
 */
export async function makeReader(db: Database, name: string): Promise<'made' | 'updated'> {
  requireRoleName(name);
  return db.transaction(async (tx) => {
    // Two at once would meet in the rows of the catalogue, and one of them fail.
    await awaitOtherMigrators(tx);
    const isNew = !(await hasRole(tx, name));
    if (isNew) await createRole(tx, name);
    // Before anything is taken from it: a name that was meant for another may be that of the worker.
    requireNone(await findWriting(tx, name), `The role ${name} may do more than read`, elsewhere);
    const connecting = await connectingOf(tx, name);
    for (const statement of [...revokesOf(name), ...grantsOfReader(name), ...connecting])
      await grant(tx, name, statement);
    requireNone(await findMissing(tx, name), `This user cannot grant all that ${name} needs`, asOwner);
    requireNone(await findTooMuch(tx, name), `The role ${name} reads more than it is granted`, elsewhere);
    return isNew ? 'made' : 'updated';
  });
}

/** A name as SQL writes it, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** PostgreSQL cuts a longer name short, and so would mean another role. */
const longestName = 63;

/** Throws `usage` for a name that no role can have. */
export function requireRoleName(name: string): void {
  const fault =
    name === ''
      ? 'it is empty'
      : Buffer.byteLength(name) > longestName
        ? `it is longer than ${longestName} bytes`
        : /^(?:pg_.*|public|none)$/s.test(name)
          ? 'PostgreSQL keeps it for itself'
          : null;
  if (fault === null) return;
  throw new RollcallError('usage', `No role can be called ${name}: ${fault}.`);
}

async function hasRole(tx: Database, name: string): Promise<boolean> {
  const found = await queryRows(tx, sql`select from pg_roles where rolname = ${name}`);
  return found.length > 0;
}

async function createRole(tx: Database, name: string): Promise<void> {
  const statement = `create role ${quoted(name)} login`;
  try {
    await tx.execute(sql.raw(statement));
  } catch (cause) {
    if (codeOf(cause) !== notAllowed) throw cause;
    throw new RollcallError(
      'configuration',
      `This user may not make a role (${describeError(cause)}). Let somebody who may do \`${statement};\`, ` +
        `and then call \`rollcall migrate --reader-role ${shellWord(name)}\` again.`,
      { cause },
    );
  }
}

/** Takes back what the role may read, for what is granted next to be all of it. */
function revokesOf(name: string): string[] {
  return ['rollcall', 'pgboss'].flatMap((schema) => [
    `revoke all on all tables in schema ${schema} from ${quoted(name)}`,
    `revoke all on all sequences in schema ${schema} from ${quoted(name)}`,
    `revoke all on schema ${schema} from ${quoted(name)}`,
  ]);
}

/** That everybody may connect is the default, and needs no grant of its own. */
async function connectingOf(tx: Database, name: string): Promise<string[]> {
  const closed = await queryRows<{ database: string }>(
    tx,
    sql`
      select current_database() as database
      where not has_database_privilege(${name}::name, current_database(), 'connect')`,
  );
  return closed.map(({ database }) => `grant connect on database ${quoted(database)} to ${quoted(name)}`);
}

async function grant(tx: Database, name: string, statement: string): Promise<void> {
  try {
    await tx.execute(sql.raw(statement));
  } catch (cause) {
    if (codeOf(cause) !== notAllowed) throw cause;
    throw new RollcallError(
      'configuration',
      `This user cannot grant all that ${name} needs (${describeError(cause)}). ${asOwner}; the role stays as it was.`,
      { cause },
    );
  }
}

/** What to do where a role has rights that it has from elsewhere, and where the user has too few. */
const elsewhere = 'Name another role, or take that from it and from the roles that it is in';
const asOwner = 'Call it as the user who owns what is in the schema rollcall';

/** How many things are named of those that are in the way. */
const namedAtMost = 3;

function requireNone(found: readonly string[], complaint: string, remedy: string): void {
  if (found.length === 0) return;
  const named = found.slice(0, namedAtMost).join(', ');
  const more = found.length > namedAtMost ? ` and ${found.length - namedAtMost} more` : '';
  throw new RollcallError(
    'configuration',
    `${complaint}: ${named}${more}. ${remedy}; the role stays as it was.`,
  );
}

interface Found extends Record<string, unknown> {
  what: string;
}

/** What the role may change, by its own rights, those of another role that it is in, or as a superuser. */
async function findWriting(tx: Database, name: string): Promise<string[]> {
  const found = await queryRows<Found>(
    tx,
    sql`
      with ours as (select oid, nspname, nspowner from pg_namespace where nspname in ('rollcall', 'pgboss'))
      select 'owner of the schema ' || nspname as what from ours
      where pg_has_role(${name}::name, nspowner, 'member')
      union all
      select 'create in the schema ' || nspname from ours where has_schema_privilege(${name}::name, oid, 'create')
      union all
      select 'write to ' || nspname || '.' || relname
      from pg_class join ours on ours.oid = relnamespace
      where case
        when relkind = 'S' then has_sequence_privilege(${name}::name, pg_class.oid, 'usage, update')
        when relkind in ('r', 'p', 'v') then
          has_table_privilege(${name}::name, pg_class.oid, 'delete, truncate')
          or has_any_column_privilege(${name}::name, pg_class.oid, 'insert, update')
        else false
      end
      order by what`,
  );
  return found.map(({ what }) => what);
}

/** What the role ought to read and cannot: who grants what another owns is told by a warning alone. */
async function findMissing(tx: Database, name: string): Promise<string[]> {
  const found = await queryRows<Found>(
    tx,
    sql`
      select 'rollcall.' || relation as what from unnest(${sql.param(readable)}::text[]) as relation
      where not has_table_privilege(${name}::name, 'rollcall.' || relation, 'select')
      union all
      select 'rollcall.deliveries.' || field from unnest(${sql.param(readableOfDeliveries)}::text[]) as field
      where not has_column_privilege(${name}::name, 'rollcall.deliveries', field, 'select')
      union all
      select 'the schema rollcall' where not has_schema_privilege(${name}::name, 'rollcall', 'usage')
      union all
      select 'the database ' || current_database()
      where not has_database_privilege(${name}::name, current_database(), 'connect')`,
  );
  return found.map(({ what }) => what);
}

/** What the role reads beside that, which the grants are not for. */
async function findTooMuch(tx: Database, name: string): Promise<string[]> {
  const found = await queryRows<Found>(
    tx,
    sql`
      select format('%s.%s', nspname, relname) as what
      from pg_class join pg_namespace on pg_namespace.oid = relnamespace
      where nspname in ('rollcall', 'pgboss') and relkind in ('r', 'p', 'v')
        and has_any_column_privilege(${name}::name, pg_class.oid, 'select')
        and not (nspname = 'rollcall' and relname = any (${sql.param([...readable, 'deliveries'])}::text[]))
      union all
      select 'rollcall.deliveries.' || attname from pg_attribute
      where attrelid = 'rollcall.deliveries'::regclass and attnum > 0 and not attisdropped
        and attname <> all (${sql.param(readableOfDeliveries)}::text[])
        and has_column_privilege(${name}::name, attrelid, attnum, 'select')
      order by what`,
  );
  return found.map(({ what }) => what);
}
