import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { type ComposedPage, composePage } from '../audit/page.ts';
import { loadConfig } from '../config.ts';
import { systemNow } from '../context/clock.ts';
import { withDatabase } from '../context/database.ts';
import { writeNewFile } from '../deliver/new-file.ts';
import { describeError, RollcallError } from '../domain/errors.ts';
import { readAudit } from '../history/audit.ts';
import { readVersion } from '../project.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { instant, principalOption, requirePeriod } from '../terminal/options.ts';
import { findPrincipalMeant } from '../terminal/principal-meant.ts';
import { type Terminal } from '../terminal/terminal.ts';

interface AuditOptions {
  since?: Date;
  until?: Date;
  principal?: string;
  force?: boolean;
}

/** `rollcall audit FILE`: writes one self-contained HTML page of the history, for an audit's binder. */
export function auditCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('audit')
    .description(
      'Writes one HTML page of the roll, its changes, timelines, runs and gaps, which needs no server and no network.',
    )
    .argument('<file>', 'the file to make, for this user alone; - for standard output')
    .option(
      '--since <time>',
      'changes and runs at or after this time: ISO 8601, or an age such as 90d',
      instant,
    )
    .option('--until <time>', 'as everything was known just before this time', instant)
    .addOption(principalOption())
    .option('--force', 'write over a file that is there')
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall audit audit.html\n  rollcall audit --since 2026-01-01 --until 2026-04-01 first-quarter.html',
    )
    .action(async (file: string, options: AuditOptions) => {
      requirePeriod(options);
      if (file !== '-' && options.force !== true) requireNoFile(file);
      const page = await compose(options);
      const told = describePage(page);
      if (file === '-') {
        terminal.write(page.html);
        terminal.warn(told);
      } else {
        await writePage(file, page, options);
        terminal.print(`${file}: ${told}`);
      }
    });
}

async function compose(options: AuditOptions): Promise<ComposedPage> {
  const config = loadConfig();
  return withDatabase(config, async ({ db }) => {
    const { since, until } = options;
    const madeAt = systemNow();
    const meant = await findPrincipalMeant(db, config, options.principal);
    const scope = {
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...meant,
    };
    const history = await readAudit(db, scope, madeAt);
    if (history.principals.every(({ newest }) => newest === null)) throw nothingObserved(options);
    const isPast = until !== undefined && until < madeAt;
    return composePage(history, {
      madeAt,
      since: since ?? null,
      end: isPast ? until : madeAt,
      isPast,
      principal: options.principal ?? null,
      version: readVersion(),
      command: config.command,
    });
  });
}

function nothingObserved({ principal, until }: AuditOptions): RollcallError {
  const of = principal === undefined ? '' : ` of ${principal}`;
  const before = until === undefined ? 'yet' : `before ${until.toISOString()}`;
  return new RollcallError('usage', `Nothing was observed${of} ${before}: no run was complete.`);
}

function requireNoFile(file: string): void {
  if (existsSync(file)) throw fileIsThere(file);
}

function fileIsThere(file: string): RollcallError {
  return new RollcallError('usage', `${file} is there already: --force writes over it. Nothing was done.`);
}

async function writePage(file: string, { html }: ComposedPage, { force }: AuditOptions): Promise<void> {
  try {
    if (force === true) await writeNewFile(file, html);
    else await writeFile(file, html, { flag: 'wx', mode: 0o600, flush: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw fileIsThere(file);
    throw new RollcallError('usage', `${file} could not be written: ${describeError(cause)}.`, { cause });
  }
}

function describePage({ html, counts }: ComposedPage): string {
  const size = (Buffer.byteLength(html) / 1e6).toFixed(1);
  const hash = createHash('sha256').update(html).digest('hex');
  const count = (id: string) => String(counts[id] ?? 0);
  return `${count('roll')} memberships, ${count('changes')} changes, ${count('runs')} runs, ${count('gaps')} gaps; ${size} MB, SHA-256 ${hash}`;
}
