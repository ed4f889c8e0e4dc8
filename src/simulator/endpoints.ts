/** The operations that the simulator knows, by one word each. */
export const endpoints = ['list', 'details', 'leave', 'user', 'invites'] as const;
export type Endpoint = (typeof endpoints)[number];
