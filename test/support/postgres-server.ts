import { type TestProject } from 'vitest/node';
import { startPostgresInstance } from './postgres-instance.ts';

/** Starts the one PostgreSQL for the whole run of the tests. */
export default async function startPostgres(project: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await startPostgresInstance();
  project.provide('postgresUrl', url);
  return stop;
}
