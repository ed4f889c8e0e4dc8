import { type Command } from 'commander';
import { type SetStatus } from '../terminal/exit-status.ts';
import { type Terminal } from '../terminal/terminal.ts';

/** Makes a command that prints on this terminal. */
export type CreateCommand = (terminal: Terminal, setStatus: SetStatus) => Command;

/** A command as `--help` of the program tells it, and what loads it. */
export interface CommandEntry {
  name: string;
  /** What `--help` says of it. */
  summary: string;
  /** Loads the command and all that it works with. */
  load: () => Promise<CreateCommand>;
}

/** Every command, in the order in which `--help` tells them. */
export const commandEntries: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'the whole story in under a minute, with nothing configured',
    load: async () => (await import('../commands/demo.ts')).demoCommand,
  },
  {
    name: 'run',
    summary: 'take one snapshot of every principal now, report changes, send what is owed',
    load: async () => (await import('../commands/run.ts')).runCommand,
  },
  {
    name: 'worker',
    summary: 'run the jobs on their schedule until SIGTERM or SIGINT',
    load: async () => (await import('../commands/worker.ts')).workerCommand,
  },
  {
    name: 'migrate',
    summary: 'bring the database to this version',
    load: async () => (await import('../commands/migrate.ts')).migrateCommand,
  },
  {
    name: 'check',
    summary: 'say whether it would work tonight',
    load: async () => (await import('../commands/check.ts')).checkCommand,
  },
  {
    name: 'organizations',
    summary: "ask Cloudflare about a principal's organizations, or leave one",
    load: async () => (await import('../commands/organizations.ts')).organizationsCommand,
  },
  {
    name: 'sources',
    summary: 'say in what the two endpoints differ that a roll can be read from',
    load: async () => (await import('../commands/sources.ts')).sourcesCommand,
  },
  {
    name: 'principals',
    summary: 'print who is audited; rename, retire or restore one',
    load: async () => (await import('../commands/principals.ts')).principalsCommand,
  },
  {
    name: 'runs',
    summary: 'print runs, newest first',
    load: async () => (await import('../commands/runs.ts')).runsCommand,
  },
  {
    name: 'members',
    summary: 'print memberships, current or of another time',
    load: async () => (await import('../commands/members.ts')).membersCommand,
  },
  {
    name: 'changes',
    summary: 'print what changed',
    load: async () => (await import('../commands/changes.ts')).changesCommand,
  },
  {
    name: 'history',
    summary: "print one organization's whole story for each principal",
    load: async () => (await import('../commands/history.ts')).historyCommand,
  },
  {
    name: 'diff',
    summary: 'print what differs between two complete runs',
    load: async () => (await import('../commands/diff.ts')).diffCommand,
  },
  {
    name: 'reports',
    summary: 'print reports and how their deliveries stand, newest first; show, resend or preview one',
    load: async () => (await import('../commands/reports.ts')).reportsCommand,
  },
  {
    name: 'approve',
    summary: 'believe a held run',
    load: async () => (await import('../commands/approve.ts')).approveCommand,
  },
  {
    name: 'reject',
    summary: 'drop a held run',
    load: async () => (await import('../commands/reject.ts')).rejectCommand,
  },
  {
    name: 'verify',
    summary: 'recompute the history from its rows, and name what does not match',
    load: async () => (await import('../commands/verify.ts')).verifyCommand,
  },
  {
    name: 'export',
    summary: 'write the history out, so that it can be verified without a database',
    load: async () => (await import('../commands/export.ts')).exportCommand,
  },
  {
    name: 'audit',
    summary: 'write one HTML page of the history, for an audit',
    load: async () => (await import('../commands/audit.ts')).auditCommand,
  },
  {
    name: 'sql',
    summary: 'ask the history a question in SQL',
    load: async () => (await import('../commands/sql.ts')).sqlCommand,
  },
  {
    name: 'simulate',
    summary: "serve a stand-in for Cloudflare's API on this machine",
    load: async () => (await import('../commands/simulate.ts')).simulateCommand,
  },
];
