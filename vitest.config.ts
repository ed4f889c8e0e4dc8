import { defineConfig } from 'vitest/config';

/** Needs the network, to install the vendor's SDK: `npm run test:sdk`. */
const vendorSdk = 'test/simulator/sdk.test.ts';

/** Needs Chromium: `npm run test:browser`. */
const inABrowser = 'test/browser/*.browser.test.ts';

/** What needs a database runs twice: on the embedded one, and on a real PostgreSQL. */
const onBothDatabases = ['test/**/*.db.test.ts', 'test/e2e/**/*.test.ts'];

/** What is about processes, mail, roles and files rather than SQL runs on one of them, and what takes long and asks nothing that differs. */
const onPostgresAlone = [
  'test/database/copy.db.test.ts',
  'test/database/reader.db.test.ts',
  'test/e2e/audit.test.ts',
  'test/e2e/change-over.test.ts',
  'test/e2e/crash.test.ts',
  'test/e2e/decisions.test.ts',
  'test/e2e/export.test.ts',
  'test/e2e/failures.test.ts',
  'test/e2e/fleet.test.ts',
  'test/e2e/from-embedded.test.ts',
  'test/e2e/mixed-sources.test.ts',
  'test/e2e/names.test.ts',
  'test/e2e/pooler.test.ts',
  'test/e2e/preview.test.ts',
  'test/e2e/principals.test.ts',
  'test/e2e/reports.test.ts',
  'test/e2e/restart.test.ts',
  'test/e2e/restore.test.ts',
  'test/e2e/rights.test.ts',
  'test/e2e/rotation.test.ts',
  'test/e2e/secrets.test.ts',
  'test/e2e/sources.test.ts',
  'test/e2e/unwritten.test.ts',
  'test/e2e/usage.test.ts',
  'test/e2e/webhooks.test.ts',
  'test/e2e/widths.test.ts',
  'test/e2e/worker.test.ts',
  'test/e2e/clock.test.ts',
  'test/e2e/crash-worker.test.ts',
  'test/deliver/webhook/webhooks.db.test.ts',
  'test/history/diff.db.test.ts',
  'test/history/export/*.db.test.ts',
  'test/history/verify/verify.db.test.ts',
  'test/jobs/slots.db.test.ts',
  'test/pipeline/changing-over.db.test.ts',
  'test/pipeline/digest.db.test.ts',
  'test/pipeline/faults.db.test.ts',
  'test/pipeline/hostile.db.test.ts',
  'test/pipeline/last-nights.db.test.ts',
  'test/pipeline/prune.db.test.ts',
  'test/pipeline/source-told.db.test.ts',
  'test/pipeline/threads.db.test.ts',
  'test/readme/questions.db.test.ts',
];

/** What is about HTTP and SMTP rather than SQL runs on the other. */
const onPgliteAlone = ['test/deliver/neighbours.db.test.ts', 'test/pipeline/fuzz.db.test.ts'];

/** The command line as users run it, made of the sources of now. */
const bundledCommand = 'test/support/bundled-command.ts';

/** Not isolated: one PGlite serves a worker's files one after the other, since it takes seconds to start. */
const withDatabase = { include: onBothDatabases, isolate: false, testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // One more than two cores: whole nights wait for other processes much of the time.
    maxWorkers: 3,
    reporters: ['default', './test/support/count-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...onBothDatabases, vendorSdk, inABrowser],
          // A deadline against hanging, not a measure: other processes may have the machine.
          testTimeout: 60_000,
          globalSetup: bundledCommand,
        },
      },
      {
        test: {
          ...withDatabase,
          name: 'pglite',
          exclude: onPostgresAlone,
          provide: { databaseKind: 'pglite' },
          globalSetup: [bundledCommand, 'test/support/scratch-folder.ts'],
        },
      },
      {
        test: {
          ...withDatabase,
          name: 'postgres',
          exclude: onPgliteAlone,
          provide: { databaseKind: 'postgres' },
          globalSetup: [bundledCommand, 'test/support/postgres-server.ts'],
        },
      },
      {
        test: {
          name: 'browser',
          include: [inABrowser],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          globalSetup: bundledCommand,
        },
      },
      { test: { name: 'sdk', include: [vendorSdk], testTimeout: 60_000, hookTimeout: 300_000 } },
    ],
  },
});
