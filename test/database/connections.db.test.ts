import { expect, inject, test } from 'vitest';
import { createConnections } from '../../src/database/postgres.ts';
import { parsePostgresUrl } from '../../src/database/postgres-url.ts';
import { transactOver } from '../../src/database/transaction.ts';
import { Secret } from '../../src/domain/secret.ts';
import { openPostgres } from '../../src/database/database.ts';
import { throughMeddler } from '../support/meddler.ts';
import { databaseKind } from '../support/database.ts';

const onServer = test.runIf(databaseKind() === 'postgres');

function connections() {
  const { pool, end } = createConnections(parsePostgresUrl(new Secret(inject('postgresUrl'))), false);
  return { transact: transactOver(pool), end };
}

onServer('a statement that hangs does not keep a process from its end', async () => {
  const { transact, end } = connections();
  const begun = Promise.withResolvers<undefined>();
  const hanging = transact(async (client) => {
    begun.resolve(undefined);
    await client.query('select pg_sleep(3600)');
  });
  const failed = expect(hanging).rejects.toMatchObject({ code: 'CONNECTION_BROKE' });
  await begun.promise;
  await end(1);
  await failed;
});

onServer(
  'who lets us in and then says nothing, as a pooler without a server, is not waited for',
  async () => {
    const swallow = (bytes: Buffer) => (bytes.includes('begin isolation') ? Buffer.alloc(0) : bytes);
    const url = await throughMeddler(inject('postgresUrl'), () => ({ toServer: swallow }));
    await expect(openPostgres(new Secret(url), undefined, 100)).rejects.toMatchObject({
      code: 'database',
      message: expect.stringContaining('no answer within 0.1 seconds') as string,
    });
  },
);

onServer('what is in hand may end', async () => {
  const { transact, end } = connections();
  const begun = Promise.withResolvers<undefined>();
  const rest = Promise.withResolvers<undefined>();
  const working = transact(async (client) => {
    begun.resolve(undefined);
    await rest.promise;
    return client.query('select 1');
  });
  await begun.promise;
  const ended = end();
  rest.resolve(undefined);
  await ended;
  expect(await working).toMatchObject({ rowCount: 1 });
});
