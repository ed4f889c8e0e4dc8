import { sql } from 'drizzle-orm';
import { readCompleteListing } from '../../src/cloudflare/complete-listing.ts';
import { type Client } from '../../src/cloudflare/http/client.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { type Context, withContext } from '../../src/context.ts';
import { type Database, queryRows } from '../../src/database/database.ts';
import { describeError } from '../../src/domain/errors.ts';
import { createLog } from '../../src/log.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { createMemoryClient } from './memory-client.ts';
import { type Night, type Roll } from './roll.ts';
import { type Counts, measure, type NightWork, type Place, type Reading } from './work.ts';

/** How many listings each night reads. */
const listingsOf: Readonly<Record<Night, number>> = { first: 2, quiet: 1, changed: 2 };

/** A whole night as the worker does it, with a client from memory; the database is open before the clock starts. */
export async function takeNight({ place, roll, night }: NightWork): Promise<Reading> {
  return inContext(place, (context) => {
    const client = createMemoryClient(roll, night);
    const work = () => run({ ...context, connect: () => client });
    return measure(work, async () => {
      if (client.listings() !== listingsOf[night]) {
        throw new Error(`expected ${listingsOf[night]} listings, got ${client.listings()}`);
      }
      return count(context.db);
    });
  });
}

/** The night's listings, one after the other, and nothing that is done with them. */
export async function readListings(roll: Roll, night: Night): Promise<Reading> {
  const client = createMemoryClient(roll, night);
  const work = async () => {
    for (let listing = 0; listing < listingsOf[night]; listing += 1) await readListing(client, roll);
  };
  return measure(work, () => Promise.resolve(null));
}

async function readListing(client: Client, { memberships: expected }: Roll): Promise<void> {
  const { memberships } = await readCompleteListing(client, () => undefined);
  if (memberships.length !== expected) throw new Error(`expected ${expected}, got ${memberships.length}`);
}

/** Opens the database as every command does, and does nothing in it. */
export async function openAlone(place: Place): Promise<Reading> {
  return inContext(place, ({ db }) =>
    measure(
      async () => {
        await db.execute(sql`select 1`);
      },
      () => Promise.resolve(null),
    ),
  );
}

export function configurationOf(place: Place): Config {
  const database =
    place.kind === 'postgres' ? { DATABASE_URL: place.url } : { ROLLCALL_DATA_DIR: place.folder };
  return loadConfig({ ...database, CLOUDFLARE_API_TOKEN: 'never-sent' }, '/nowhere');
}

function inContext<T>(place: Place, work: (context: Context) => Promise<T>): Promise<T> {
  const log = createLog({ level: 'silent', forPeople: false });
  return withContext({ config: configurationOf(place), log, onMigrated: () => undefined }, work);
}

async function run(context: Context): Promise<void> {
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal to be configured');
  const result = await runPrincipal(context, { principal, trigger: 'manual', slot: null });
  if (result.outcome === 'complete') return;
  throw new Error('error' in result ? describeError(result.error) : `the run ended ${result.outcome}`);
}

/** What the newest run says of itself has to be what is stored. */
async function count(db: Database): Promise<Counts> {
  const [roll] = await queryRows<{ organizations: number; permissions: number }>(
    db,
    sql`
      select count(*)::int as organizations, sum(cardinality(permissions))::float8 as permissions
      from rollcall.current_memberships`,
  );
  const [newest] = await queryRows<{ id: number; state: string; organizations: number; changes: number }>(
    db,
    sql`select id::int, state, organizations, changes from rollcall.runs order by id desc limit 1`,
  );
  if (newest === undefined || roll === undefined) throw new Error('expected a run');
  const kinds = await queryRows<{ kind: string; changes: number }>(
    db,
    sql`select kind, count(*)::int as changes from rollcall.changes where run_id = ${newest.id} group by kind order by kind`,
  );
  const stored = kinds.reduce((total, { changes }) => total + changes, 0);
  if (
    newest.state !== 'complete' ||
    newest.organizations !== roll.organizations ||
    newest.changes !== stored
  ) {
    throw new Error(`the run says ${JSON.stringify(newest)}; stored: ${JSON.stringify({ ...roll, stored })}`);
  }
  return { ...roll, changes: Object.fromEntries(kinds.map(({ kind, changes }) => [kind, changes])) };
}
