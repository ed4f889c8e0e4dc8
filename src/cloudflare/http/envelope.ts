import * as z from 'zod';
import { inert } from '../../domain/inert.ts';
import { createRedactor } from '../../domain/redact.ts';
import { type Secret } from '../../domain/secret.ts';

const code = z.number().optional().catch(undefined);
const message = z.string().catch('');

/** One thing the API says went wrong. Live answers have lacked the code; `error_chain` is not in the published schema. */
const problemSchema = z.object({
  code,
  message,
  error_chain: z.array(z.object({ code, message })).optional().catch(undefined),
});

/** One of an answer's `errors`. What led to it, where Cloudflare says so, is in `error_chain`. */
export type Problem = z.infer<typeof problemSchema>;

/** What every answer may carry around its result. */
const envelopeSchema = z.object({
  success: z.boolean().optional().catch(undefined),
  errors: z.array(problemSchema).nullish().catch(null),
});

/** What an answer says of its own success, whatever its status. */
export interface Verdict {
  /** Whether the answer says itself that it failed. */
  failed: boolean;
  problems: readonly Problem[];
}

/** What an answer says of itself. A body that is no envelope says nothing. */
export function readVerdict(body: unknown): Verdict {
  const { data } = envelopeSchema.safeParse(body);
  return { failed: data?.success === false, problems: data?.errors ?? [] };
}

/** The codes of the problems and of what led to them. */
export function codesOf(problems: readonly Problem[]): number[] {
  return problems
    .flatMap((problem) => [problem, ...(problem.error_chain ?? [])])
    .flatMap(({ code }) => (code === undefined ? [] : [code]));
}

/**
 * The problems as the API tells them, on one line: code and message, and what led to it; at most three of either.
 * `secret` is taken out, should the API echo it, and no address is left that a mail would make a link of. Empty when it told
 * nothing.
 */
export function describeProblems(problems: readonly Problem[], secret: Secret): string {
  if (problems.length === 0) return '';
  const redact = createRedactor([secret], { shortest: 1 });
  const tell = (text: string) => inert(redact(text));
  return problems
    .slice(0, 3)
    .map(({ code, message, error_chain = [] }) => {
      const chain = error_chain.slice(0, 3).map((link) => tell(link.message));
      return [[code, tell(message)].filter(Boolean).join(' '), ...chain].filter(Boolean).join(': ');
    })
    .filter(Boolean)
    .join('; ');
}
