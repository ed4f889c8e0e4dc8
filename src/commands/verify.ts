import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../config.ts';
import { withDatabase } from '../context/database.ts';
import { type Database } from '../database/database.ts';
import { RollcallError } from '../domain/errors.ts';
import { findRunByChain, verifyRecorded, type VerifyScope } from '../history/verify/recorded.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { printJson } from '../terminal/json.ts';
import { principalOption } from '../terminal/options.ts';
import { findPrincipalMeant } from '../terminal/principal-meant.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { describeVerification, isSound, notSound } from '../terminal/verification.ts';
import { wrapped } from '../terminal/wrap.ts';

interface VerifyOptions {
  against?: string;
  principal?: string;
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
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  rollcall verify --against fd0f5710a06d556570e495c7a01d750dbb860ebb7142697e9a7a218c907e1264',
    )
    .action(async ({ against, principal, json }: VerifyOptions) => {
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

function chainHash(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text.trim())) return text.trim().toLowerCase();
  throw new InvalidArgumentError('Expected the 64 digits of a chain head, as the foot of a mail has them.');
}

/** Throws where no run has that chain: then the mail that has it is of another history than this one. */
async function findScope(
  db: Database,
  chain: string,
  { principal }: Pick<VerifyScope, 'principal'>,
): Promise<VerifyScope> {
  const found = await findRunByChain(db, chain);
  if (found === null) {
    throw new RollcallError(
      'incomplete',
      `No run has the chain ${chain}. Either it is of another database, or pruned, or the history is not the one that it was when that was written.`,
    );
  }
  if (principal !== undefined && principal !== found.principal) {
    throw new RollcallError('usage', `The chain ${chain} is of ${found.principal}, not of ${principal}.`);
  }
  return { principal: found.principal, untilRunId: found.runId };
}
