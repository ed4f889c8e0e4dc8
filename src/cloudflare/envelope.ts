import { z } from 'zod';

/** One thing the API says went wrong. Live answers have lacked the code; `error_chain` is not in the published schema. */
const problem = z.object({
  code: z.number().optional(),
  message: z.string().catch(''),
  error_chain: z.array(z.object({ code: z.number().optional(), message: z.string().catch('') })).optional(),
});

/** What every answer may carry around its result. */
export const envelopeSchema = z.object({
  success: z.boolean().optional(),
  errors: z.array(problem).nullish().catch(null),
});
export type Problem = z.infer<typeof problem>;

/** A problem as the API tells it: its code, its message and what led to it. */
export function describeProblem(problem: Problem): string {
  const chain = (problem.error_chain ?? []).map(({ message }) => message).filter((message) => message !== '');
  return [[problem.code, problem.message].filter(Boolean).join(' '), ...chain].join(': ');
}
