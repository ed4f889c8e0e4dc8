/** The operations that the simulator knows, by one word each. */
export const endpoints = [
  'list',
  'details',
  'leave',
  'user',
  'invites',
  'memberships',
  'membership',
  'update-membership',
  'delete-membership',
] as const;

/** The word for one operation, as a fault's target names it. */
export type Endpoint = (typeof endpoints)[number];

/** The operations that list the roll: `list` is `/user/organizations`, `memberships` is `/memberships`. */
export type ListEndpoint = Extract<Endpoint, 'list' | 'memberships'>;
