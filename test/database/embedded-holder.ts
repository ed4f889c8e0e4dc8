import { openEmbedded } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrate.ts';
import { claimRun } from '../../src/schedule/claim.ts';

/** Run as a process of its own: has the embedded database in the folder named, with a run under way, until it is killed. */
const [, , folder = ''] = process.argv;
const { db } = await openEmbedded(folder);
await migrate(db);
const order = { principal: 'ops-bot', trigger: 'manual', source: 'organizations', slot: null } as const;
await claimRun(db, order, { worker: 'holder', now: new Date(0) });
process.stdout.write('open\n');
process.stdin.resume();
