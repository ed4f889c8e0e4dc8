import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../config.ts';
import { withDatabase } from '../context/database.ts';
import { type Database } from '../database/database.ts';
import { RollcallError } from '../domain/errors.ts';
import { visible } from '../domain/visible.ts';
import { verifyExport } from '../history/export/verify.ts';
import { findRunByChain, noRunHas, verifyRecorded, type VerifyScope } from '../history/verify/recorded.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { printJson } from '../terminal/json.ts';
import { principalOption } from '../terminal/options.ts';
import { findPrincipalMeant } from '../terminal/principal-meant.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { describeExport, describeVerification, isSound, notSound } from '../terminal/verification.ts';
import { wrapped } from '../terminal/wrap.ts';

interface VerifyOptions {
  against?: string;
  principal?: string;
  file?: string;
  json?: true;
}

/** `rollcall verify`: recomputes the history from its rows; status 1 where something does not match. */
export function verifyCommand(terminal: Terminal, setStatus: SetStatus): Command {
  return new Command('verify')
    .description(
      'Recomputes everything that the history says of itself from its rows: digests, links and seals. Names the first run that does not match, and what of it.',
    )
    .option('--against <hash>', 'up to the run with this chain: the "Chain head" of an old mail', chainHash)
    .addOption(principalOption())
    .option('--file <export>', 'an export, its folder or its file, and no database')
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  rollcall verify --against fd0f5710a06d556570e495c7a01d750dbb860ebb7142697e9a7a218c907e1264',
    )
    .action(async (options: VerifyOptions) => {
      const { against, principal, file, json } = options;
      if (file !== undefined) {
        await verifyFile(terminal, setStatus, { ...options, file });
        return;
      }
      const config = loadConfig();
      await withDatabase(config, async ({ db }) => {
        const meant = await findPrincipalMeant(db, config, principal);
        const scope = against === undefined ? meant : await findScope(db, against, meant);
        const onProgress = (matched: number, all: number) =>
          terminal.progress(`${matched} of ${all} runs match`);
        const verification = await verifyRecorded(db, { ...scope, onProgress, signal: terminal.signal });
        const matches = isSound(verification);
        if (json === true) printJson(terminal, { matches, ...verification });
        else for (const line of describeVerification(verification)) wrapped(terminal).print(line);
        if (matches) return;
        terminal.warn(`rollcall: ${notSound(verification).message}`);
        setStatus(1);
      });
    });
}

/** Needs neither a configuration nor a database: an auditor has the export and rollcall alone. */
async function verifyFile(
  terminal: Terminal,
  setStatus: SetStatus,
  { file, against, principal, json }: VerifyOptions & { file: string },
): Promise<void> {
  const { manifest, faults, history } = await verifyExport(file, {
    ...(against === undefined ? {} : { against }),
    ...(principal === undefined ? {} : { principal }),
    onProgress: (matched) => terminal.progress(`${matched} runs match`),
    signal: terminal.signal,
  });
  const matches = faults.length === 0 && (history === null || isSound(history));
  if (json === true) printJson(terminal, { matches, faults, manifest, ...history });
  else for (const line of describeExport({ manifest, faults, history })) wrapped(terminal).print(line);
  if (matches) return;
  const why =
    faults.length > 0 || history === null
      ? `The export ${file} is not as it was written.`
      : notSound(history).message;
  terminal.warn(`rollcall: ${visible(why, Infinity)}`);
  setStatus(1);
}

function chainHash(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text.trim())) return text.trim().toLowerCase();
  throw new InvalidArgumentError('Expected the 64 digits of a chain head, as the foot of a mail has them.');
}

/** Throws where no run has that chain, or another principal's. */
async function findScope(
  db: Database,
  chain: string,
  { principal }: Pick<VerifyScope, 'principal'>,
): Promise<VerifyScope> {
  const found = await findRunByChain(db, chain);
  if (found === null) throw noRunHas(chain, 'database');
  if (principal !== undefined && principal !== found.principal) {
    throw new RollcallError('usage', `The chain ${chain} is of ${found.principal}, not of ${principal}.`);
  }
  return { principal: found.principal, untilRunId: found.runId };
}
