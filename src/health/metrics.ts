import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { type Database } from '../database/database.ts';
import { readFigures } from '../history/figures.ts';
import { readVersion } from '../project.ts';
import { families, type Family, type Scrape } from './families.ts';

/** What `/metrics` answers with, and in which content type. */
export interface Metrics {
  readonly contentType: string;
  /** All metrics in Prometheus' text format. Rejects when the database does not answer. */
  scrape(): Promise<string>;
}

/** Which principals to tell about, by which clock, and how long a query may take. */
export interface MetricsOptions {
  /** Names of those that are told about: the configured ones, so that one that was given up raises no alarm for ever. */
  principals: readonly string[];
  /** The clock of this machine, which is held against the database's. */
  now: () => Date;
  /** After how many milliseconds PostgreSQL gives up a query. Default 4,000. */
  timeoutMs?: number;
}

/** Gauges that prom-client calls as only counters are called; each is the sum of one without `_total`. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/**
 * The metrics of rollcall and of this process. Those of rollcall are read from the database at each scrape: every
 * worker tells the same, and a restart loses nothing.
 */
export function createMetrics(db: Database, { principals, now, timeoutMs = 4_000 }: MetricsOptions): Metrics {
  const ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  for (const name of misnamed) ofProcess.removeSingleMetric(name);
  const version = readVersion();
  return {
    contentType: ofProcess.contentType,
    async scrape() {
      const figures = await readFigures(db, { principals, timeoutMs });
      const ofRollcall = register({ figures, now: now(), version });
      return spellNaN(await Registry.merge([ofRollcall, ofProcess]).metrics());
    },
  };
}

/** A registry for one scrape: nothing is left of the one before. */
function register(scrape: Scrape): Registry {
  const registry = new Registry();
  for (const family of families) fill(registry, family, scrape);
  return registry;
}

function fill(registry: Registry, { name, type, help, labels, read }: Family, scrape: Scrape): void {
  const description = { name, help, labelNames: [...labels], registers: [registry] };
  if (type === 'counter') {
    const counter = new Counter(description);
    for (const sample of read(scrape)) counter.inc(sample.labels, sample.value);
  } else {
    const gauge = new Gauge(description);
    for (const sample of read(scrape)) gauge.set(sample.labels, sample.value);
  }
}

/** As the format has it. prom-client writes `Nan`, which the event loop's lag is when two scrapes come at once. */
function spellNaN(text: string): string {
  return text.replaceAll(/ Nan$/gm, ' NaN');
}
