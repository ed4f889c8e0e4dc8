import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type Night, type NightState } from '../domain/nights.ts';
import { isKnownBy, nightsAndRuns, type NightsInRow, stateOfRuns } from './night-runs.ts';

interface Row extends Record<string, unknown> {
  principal: string;
  states: (NightState | null)[];
  rolls: (number | null)[];
}

/** What became of each of these nights, of every principal of these names that was ever heard of. */
export async function listLastNights(
  db: Database,
  names: readonly string[],
  nights: NightsInRow,
): Promise<Map<string, Night[]>> {
  const { slots } = nights;
  const found = await queryRows<Row>(
    db,
    sql`
      with principal as (
        select id, name, created_at from rollcall.principals
        where name in (select jsonb_array_elements_text(${JSON.stringify(names)}::jsonb))
      ),
      ${nightsAndRuns(nights)},
      ran as (
        select
          run.principal_id, run.number, ${stateOfRuns} as state,
          (array_agg(run.organizations order by run.id desc) filter (where run.state = 'complete'))[1] as roll
        from run join principal on principal.id = run.principal_id
        group by run.principal_id, run.number
      )
      select
        principal.name as principal,
        json_agg(
          case when ran.number is not null then ran.state when ${isKnownBy} then 'missed' end order by night.number
        ) as states,
        json_agg(ran.roll order by night.number) as rolls
      from principal
      cross join night
      left join ran on ran.principal_id = principal.id and ran.number = night.number
      group by principal.id, principal.name`,
  );
  return new Map(
    found.map(({ principal, states, rolls }) => [
      principal,
      slots.map((due, index) => ({ due, state: states[index] ?? null, roll: rolls[index] ?? null })),
    ]),
  );
}
