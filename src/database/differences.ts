import { sql, type SQL } from 'drizzle-orm';
import { type Pair } from '../domain/difference.ts';
import { readInBatches } from './batches.ts';
import { type Database } from './database.ts';
import { anyFieldDiffers, fieldsNamed, membershipFrom } from './membership-columns.ts';

/** Two rolls to compare: relations with the columns of a membership. */
export interface Rolls {
  baseline: SQL;
  seen: SQL;
}

/**
 * The question what differs: one row for each membership that is in one roll alone or not the same in both, by
 * organization id. It reads the two relations and nothing else, so that any two snapshots can be compared.
 */
export function differences({ baseline, seen }: Rolls): SQL {
  return sql`
    select
      organization_id,
      before.organization_id is not null as was_listed, after.organization_id is not null as is_listed,
      ${fieldsNamed('before', 'before_')}, ${fieldsNamed('after', 'after_')}
    from ${baseline} as before full join ${seen} as after using (organization_id)
    where before.organization_id is null or after.organization_id is null or ${anyFieldDiffers('before', 'after')}
    order by organization_id collate "C"`;
}

/** Asks {@link differences}, some thousands of answers at a time. Call it within a transaction. */
export async function* readDifferences(tx: Database, rolls: Rolls): AsyncGenerator<Pair[]> {
  for await (const rows of readInBatches(tx, differences(rolls))) {
    yield rows.map((row) => ({
      before: row['was_listed'] === true ? membershipFrom(row, 'before_') : null,
      after: row['is_listed'] === true ? membershipFrom(row, 'after_') : null,
    }));
  }
}
