import { type RunSource } from '../../domain/run.ts';
import { membershipsSource } from './memberships.ts';
import { organizationsSource } from './organizations.ts';
import { type ListSource } from './source.ts';

/** Every source that a roll can be read from. */
export const listSources: Readonly<Record<RunSource, ListSource>> = {
  organizations: organizationsSource,
  memberships: membershipsSource,
};
