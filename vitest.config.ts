import { defineConfig } from 'vitest/config';

/** Needs the network, to install the vendor's SDK: `npm run test:sdk`. */
const vendorSdk = 'test/simulator/sdk.test.ts';

/** What needs a database runs twice: on the embedded one, and on a real PostgreSQL. */
const onBothDatabases = ['test/**/*.db.test.ts', 'test/e2e/**/*.test.ts'];

/** Not isolated: one PGlite serves a worker's files one after the other, since it takes seconds to start. */
const withDatabase = { include: onBothDatabases, isolate: false, testTimeout: 20_000, hookTimeout: 30_000 };

export default defineConfig({
  test: {
    reporters: ['default', './test/support/count-reporter.ts'],
    projects: [
      {
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [...onBothDatabases, vendorSdk] },
      },
      {
        test: {
          ...withDatabase,
          name: 'pglite',
          provide: { databaseKind: 'pglite' },
          globalSetup: 'test/support/scratch-folder.ts',
        },
      },
      {
        test: {
          ...withDatabase,
          name: 'postgres',
          provide: { databaseKind: 'postgres' },
          globalSetup: 'test/support/postgres-server.ts',
        },
      },
      { test: { name: 'sdk', include: [vendorSdk], testTimeout: 60_000, hookTimeout: 300_000 } },
    ],
  },
});
