import { type RunSource } from '../../src/domain/run.ts';
import { type ListEndpoint } from '../../src/simulator/endpoints.ts';

/** The word by which the simulator and its faults know the listing of a source. */
export const endpointOf: Readonly<Record<RunSource, ListEndpoint>> = {
  organizations: 'list',
  memberships: 'memberships',
};
