import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { asc } from 'drizzle-orm';
import { chromium } from 'playwright-core';
import { loadConfig } from '../../src/config.ts';
import { type Context, withContext } from '../../src/context.ts';
import { reports } from '../../src/database/schema.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createLog } from '../../src/log.ts';
import { approveRun } from '../../src/pipeline/decide.ts';
import { makeQueuedDigest } from '../../src/pipeline/digest.ts';
import { callTheRoll } from '../../src/pipeline/roll-call.ts';
import { createRandom } from '../../src/simulator/random.ts';
import { type SimulatedPrincipal } from '../../src/simulator/principal.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { createWorld } from '../../src/simulator/world.ts';
import { defaultSource } from '../../src/domain/run.ts';

/*
 * Draws the mails of one week: `npm run mails`. It needs Chromium, and writes a picture of each mail beside this file. The week
 * is played against the simulator, through the pipeline, so that the pictures are of what rollcall sends.
 */

const administrator = 'Administrator';
const superAdministrator = 'Super Administrator - All Privileges';
const start = Date.UTC(2026, 7, 10, 2);
const dayMs = 86_400_000;

/** A mail of the week: its picture's name, and what comes before the night that it is about. */
interface Night {
  name: string | null;
  before: (principal: SimulatedPrincipal) => void;
}

const nothing = () => undefined;

const nights: readonly Night[] = [
  { name: '1-baseline', before: nothing },
  { name: null, before: nothing },
  {
    name: '2-invitation',
    before: (principal) =>
      principal.put({
        id: idOf('Nordwind'),
        name: 'Nordwind Logistik',
        status: 'invited',
        roles: [superAdministrator],
      }),
  },
  {
    name: '3-accepted',
    before: (principal) => {
      principal.update(idOf('Nordwind'), { status: 'member' });
      for (let number = 0; number < 12; number++) {
        const name = `Filiale ${number + 1}`;
        principal.put({ id: idOf(name), name, roles: [administrator, 'Billing'] });
      }
    },
  },
  { name: '4-failure', before: (principal) => (principal.tokenMay.list = false) },
  { name: '5-recovery', before: (principal) => (principal.tokenMay.list = true) },
  {
    name: '6-held',
    before: (principal) => {
      for (const { id } of principal.memberships.slice(0, 21)) principal.remove(id);
    },
  },
];

function idOf(name: string): string {
  return createRandom(`mails/${name}`).text(32);
}

async function playTheWeek(): Promise<{ name: string; html: string }[]> {
  const clock = { now: new Date(start) };
  const world = createWorld({ seed: 7, organizations: 60, now: () => clock.now });
  const simulator = await startSimulator({ world });
  const folder = await mkdtemp(path.join(tmpdir(), 'rollcall-mails-'));
  const principal = world.principal();
  const credentials = { kind: 'token' as const, token: new Secret(principal.apiToken) };
  const config = {
    ...loadConfig({}, path.parse(folder).root),
    embeddedFolder: path.join(folder, 'pglite'),
    outboxFolder: path.join(folder, 'outbox'),
    cloudflareBaseUrl: simulator.url,
    principals: [{ name: 'ops-bot', source: defaultSource, credentials, pingUrl: null }],
    audiences: [{ to: ['security@example.com'] }],
  };
  const options = {
    config,
    now: () => clock.now,
    log: createLog({ level: 'silent', forPeople: true }),
    onMigrated: nothing,
  };
  try {
    return await withContext(options, async (context) => {
      const mails: { name: string; html: string }[] = [];
      const draw = async (name: string | null) => {
        const html = await newestMail(context);
        if (name !== null && html !== undefined) mails.push({ name, html });
      };
      for (const [day, { name, before }] of nights.entries()) {
        clock.now = new Date(start + day * dayMs);
        before(principal);
        await callTheRoll(context, { principals: config.principals, trigger: 'schedule', slot: clock.now });
        await draw(name);
      }
      clock.now = new Date(clock.now.getTime() + 7 * 3_600_000);
      await approveRun(context, nights.length);
      await draw('7-approved');
      clock.now = new Date(start + 7 * dayMs);
      await callTheRoll(context, { principals: config.principals, trigger: 'schedule', slot: clock.now });
      const slot = new Date(start + 7 * dayMs + 6 * 3_600_000);
      clock.now = slot;
      await makeQueuedDigest(context, { slot });
      await draw('8-digest');
      return mails;
    });
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true });
  }
}

async function newestMail({ db }: Context): Promise<string | undefined> {
  const found = await db.select({ html: reports.html }).from(reports).orderBy(asc(reports.id));
  return found.at(-1)?.html;
}

async function draw(mails: readonly { name: string; html: string }[]): Promise<void> {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => existsSync(file));
  const browser = await chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 480, height: 200 } });
    for (const { name, html } of mails) {
      await page.setContent(html);
      await page.screenshot({ path: path.join(import.meta.dirname, `${name}.png`), fullPage: true });
      console.log(`${name}.png`);
    }
  } finally {
    await browser.close();
  }
}

await draw(await playTheWeek());
