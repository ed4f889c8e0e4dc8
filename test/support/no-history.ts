/** Columns that are no history, and why: another value in them is not found. */
export const noHistory: Readonly<Record<string, string>> = {
  'runs.worker': 'who was at work, for others to see whether it lives',
  'runs.heartbeat_at': 'when it last said that it lives',
  'runs.abandoned': 'whether its slot may have another run, which a rename changes later',
  'runs.complete_id': 'computed by the database, which takes no other value',
  'memberships.id': 'a number that nothing refers to',
};
