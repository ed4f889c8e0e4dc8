/** The operations that the simulator knows, by one word each. */
export const endpoints = ['list', 'details', 'leave', 'user', 'invites'] as const;

/** The word for one operation, as a fault's target names it. */
export type Endpoint = (typeof endpoints)[number];
