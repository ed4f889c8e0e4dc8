import { sql, type SQL, type SQLWrapper } from 'drizzle-orm';
import { superAdministratorSpellings } from '../domain/access.ts';

/** Whether one of these roles is Super Administrator, or one of these policies allows it: as `namesSuperAdministrator` has it. */
export function namesSuperAdministratorSql(roles: SQLWrapper, policies: SQLWrapper): SQL {
  return sql`(${isAmongRoles(roles)} or ${isAllowedBy(policies)})`;
}

function isAmongRoles(roles: SQLWrapper): SQL {
  return sql`exists (select from unnest(${roles}) as role where role collate "C" ~* ${bare})`;
}

/** The groups of a line of `policyLine` are what stands before its first ` on `; one that is in quotes is a text of JSON. */
function isAllowedBy(policies: SQLWrapper): SQL {
  return sql`exists (
    select from unnest(${policies}) as line
    cross join lateral string_to_table(substr(split_part(line, ' on ', 1), 7), ', ') as name
    where line like 'allow % on %' and name collate "C" ~* ${`${bare}|${quoted}`}
  )`;
}

/** What JavaScript trims; PostgreSQL's own classes are of fewer, by the collation. */
const blank = '[\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]';
const escapedBlank = `(?:${blank}|\\\\[tnfr]|\\\\u000b)`;
const spellings = `(?:${superAdministratorSpellings.join('|')})`;
const bare = `^${blank}*${spellings}${blank}*$`;
const quoted = `^"${escapedBlank}*${spellings}${escapedBlank}*"$`;
