import { Option } from 'commander';
import { type Database } from '../database/database.ts';
import { findOrganizations } from '../history/known.ts';
import { type Terminal } from './terminal.ts';

/** For commands that print what is stored: only what is of one organization. */
export function organizationOption(): Option {
  return new Option(
    '--organization <id or name>',
    'only this organization: its id, or its whole name, whatever the case',
  );
}

/**
 * The ids of the organizations that an option names; says so where they are several. None where it was not given. Throws
 * `usage` for what is not known.
 */
export async function findThoseMeant(
  terminal: Terminal,
  db: Database,
  organization: string | undefined,
): Promise<{ organizationIds?: readonly string[] }> {
  if (organization === undefined) return {};
  const organizationIds = await findOrganizations(db, organization);
  if (organizationIds.length > 1) {
    const ids = organizationIds.join(', ');
    terminal.warn(
      `${organizationIds.length} organizations are or were called ${organization}, and all are meant: ${ids}.`,
    );
  }
  return { organizationIds };
}
