import { inject } from 'vitest';
import { type RunSource } from '../../src/domain/run.ts';
import { type ListEndpoint } from '../../src/simulator/endpoints.ts';

/** The word by which the simulator and its faults know the listing of a source. */
export const endpointOf: Readonly<Record<RunSource, ListEndpoint>> = {
  organizations: 'list',
  memberships: 'memberships',
};

/**
 * The sources that a story is told of on the database of these tests: of either on one of the two, since what is asked of a
 * database is the same.
 */
export function sourcesHere(): readonly RunSource[] {
  return inject('databaseKind') === 'postgres' ? ['memberships'] : ['organizations'];
}
