import { type OpenDatabase } from '../database/database.ts';
import { explainFullDisk } from '../database/explain.ts';
import { migrate } from '../database/migrate.ts';
import { openQueue, type QueueOptions } from '../queue/pg-boss.ts';
import { type Queue } from '../queue/queue.ts';
import { lookAtQueueVersion } from '../queue/version.ts';

/** What was done to bring a database to this version. */
export interface Migrated {
  databaseDescription: string;
  /** Names of migrations, in order, and `queue` where that was installed or brought up to date. */
  applied: readonly string[];
}

/** Brings the tables and the queue of a database to this version, and opens the queue. */
export async function openMigrated(
  database: OpenDatabase,
  options: Omit<QueueOptions, 'install'>,
): Promise<{ queue: Queue; migrated: Migrated }> {
  const applied = await migrate(database.db).catch((error: unknown) => {
    throw explainFullDisk(error, database.description);
  });
  const version = await lookAtQueueVersion(database.db);
  const queue = await openQueue(database, options);
  if (version === 'missing' || version === 'older') applied.push('queue');
  return { queue, migrated: { databaseDescription: database.description, applied } };
}

/** One line for people. */
export function describeMigrated({ databaseDescription, applied }: Migrated): string {
  const what = applied.length === 0 ? 'nothing to do' : `applied ${applied.join(', ')}`;
  return `${databaseDescription}: ${what}; the database is at this version.`;
}
