import { sql, type SQL } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type ChangeKind } from '../domain/change.ts';
import { type RunState } from '../domain/run.ts';
import { believableEnd, believableSeconds, latestPast, secondsAhead } from './believable.ts';

/**
 * How a delivery stands: `pending` is still to be sent, `failed` was refused or given up, `unknown` may have arrived.
 */
export type DeliveryState = 'pending' | 'sent' | 'failed' | 'unknown';

/** What history counts up to now, and how things stand. What a count leaves out is zero. */
export interface Figures {
  principals: readonly PrincipalFigures[];
  /** Runs under way, of whomever. */
  running: number;
  deliveries: Readonly<Partial<Record<DeliveryState, number>>>;
  /** Seconds since 1970 by the database's clock, as they were read. */
  readAt: number;
}

/** What has been counted of one principal since it was first known, and how it stands now. */
export interface PrincipalFigures {
  principal: string;
  /** Every run that there has been, by the state that it is in now, be it kept or not; `held` are those that are there. */
  runs: Readonly<Partial<Record<RunState, number>>>;
  requests: number;
  retries: number;
  changes: Readonly<Partial<Record<ChangeKind, number>>>;
  /** Current ones; `other` is any status this version does not know, or none. */
  memberships: Readonly<Record<'member' | 'invited' | 'other', number>>;
  /** How long the newest run took that has ended; `null` when none has. */
  lastDurationSeconds: number | null;
  /**
   * Seconds since 1970 at which the newest complete run ended that a believable clock saw end, by that clock; `null`
   * where there is none.
   */
  lastCompleteAt: number | null;
  /** Seconds since 1970 at which the principal was first known; 0 where that is still to come, by a clock that was ahead. */
  knownAt: number;
  /** Seconds by which the end of the newest complete run is still to come; 0 where it is over. */
  aheadSeconds: number;
}

/** Whose figures to read, and how long a query may take. */
export interface FiguresOptions {
  /** Names. One that was never heard of is left out. */
  principals: readonly string[];
  /** After how many milliseconds PostgreSQL gives up a query. The embedded database never does. */
  timeoutMs: number;
}

/** Reads the figures of these principals, all as of one instant. */
export async function readFigures(db: Database, { principals, timeoutMs }: FiguresOptions): Promise<Figures> {
  return db.transaction(
    async (tx) => {
      await tx.execute(sql`select set_config('statement_timeout', ${String(timeoutMs)}, true)`);
      const ofPrincipals = await queryRows<PrincipalFigures & Record<string, unknown>>(
        tx,
        principalsQuery(principals),
      );
      const [totals] = await queryRows<Omit<Figures, 'principals'> & Record<string, unknown>>(
        tx,
        totalsQuery,
      );
      if (totals === undefined) throw new Error('A query without a condition answered no row.');
      return { ...totals, principals: ofPrincipals };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

const totalsQuery = sql`
  select
    extract(epoch from clock_timestamp())::float8 as "readAt",
    (select count(*)::int from rollcall.runs where state = 'running') as running,
    (
      select coalesce(jsonb_object_agg(state, deliveries), '{}')
      from (
        select state, count(*) as deliveries from rollcall.deliveries where state <> 'sent' group by state
        union all
        select state, deliveries from rollcall.delivery_tallies
      ) as delivery
    ) as deliveries`;

/** What grows with history comes from the tallies, and how a principal stands from its newest runs. */
function principalsQuery(names: readonly string[]): SQL {
  return sql`
    with principal as (
      select id, name, created_at from rollcall.principals
      where name in (select jsonb_array_elements_text(${JSON.stringify(names)}::jsonb)) and retired_at is null
    ),
    run as (
      select
        principal_id,
        jsonb_object_agg(state, runs) as states,
        sum(requests)::float8 as requests,
        sum(retries)::float8 as retries
      from rollcall.run_tallies group by principal_id
    ),
    change as (
      select principal_id, jsonb_object_agg(kind, changes) as kinds
      from rollcall.change_tallies group by principal_id
    )
    select
      principal.name as principal,
      coalesce(run.states, '{}') || jsonb_build_object('held', held.runs) as runs,
      coalesce(run.requests, 0) as requests,
      coalesce(run.retries, 0) as retries,
      coalesce(change.kinds, '{}') as changes,
      jsonb_build_object(
        'member', coalesce(complete.members, 0),
        'invited', coalesce(complete.invited, 0),
        'other', coalesce(complete.organizations - complete.members - complete.invited, 0)
      ) as memberships,
      ended.seconds as "lastDurationSeconds",
      extract(epoch from ended_well.at)::float8 as "lastCompleteAt",
      case when principal.created_at > ${latestPast} then 0 else extract(epoch from principal.created_at)::float8 end
        as "knownAt",
      coalesce(complete.ahead, 0) as "aheadSeconds"
    from principal
    left join run on run.principal_id = principal.id
    left join change on change.principal_id = principal.id
    cross join lateral (
      select count(*) as runs from rollcall.runs where principal_id = principal.id and state = 'held'
    ) as held
    left join lateral (
      select ${secondsAhead('run')} as ahead, organizations, members, invited from rollcall.runs as run
      where principal_id = principal.id and state = 'complete' order by id desc limit 1
    ) as complete on true
    left join lateral (
      select ${believableEnd('run')} as at from rollcall.runs as run
      where principal_id = principal.id and state = 'complete' and ${believableEnd('run')} is not null
      order by id desc limit 1
    ) as ended_well on true
    left join lateral (
      select ${believableSeconds('run')} as seconds
      from rollcall.runs as run where principal_id = principal.id and state <> 'running' order by id desc limit 1
    ) as ended on true
    order by principal.name`;
}
