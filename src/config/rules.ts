import { z } from 'zod';
import { categories } from '../domain/change.ts';
import { findCronFault, isTimeZone } from '../schedule/cron.ts';

/** A bare address; a mail server decides the rest. */
const bareAddress = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/;

export const addressRule = z.string().regex(bareAddress, 'expected an address such as security@example.com');

/** A bare address, or `Name <address>`. */
export const senderRule = z
  .string()
  .regex(
    /^(?:[^<>\p{Cc}]*<[^\s@<>,;"]+@[^\s@<>,;"]+>|[^\s@<>,;"]+@[^\s@<>,;"]+)$/u,
    'expected an address such as Rollcall <rollcall@example.com>',
  );

export const cronRule = z.string().superRefine((expression, context) => {
  const fault = findCronFault(expression);
  if (fault !== null) context.addIssue({ code: 'custom', message: fault });
});

export const timezoneRule = z.string().refine(isTimeZone, 'expected an IANA time zone such as Europe/Madrid');

export const principalNameRule = z
  .string()
  .min(1, 'expected a name')
  .max(100, 'expected at most 100 characters')
  .regex(/^[^\p{C}]*$/u, 'expected a name without control characters');

export const audienceRule = z.strictObject({
  to: z.array(addressRule).min(1, 'expected at least one address'),
  principals: z.array(z.string()).min(1).optional(),
  categories: z.array(z.enum(categories)).min(1).optional(),
});

export const holdRule = z.strictObject({
  removals: z.number().int().nonnegative().default(10),
  share: z.number().min(0).max(1).default(0.25),
});

export function urlRule(protocols: readonly string[]) {
  return z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `expected a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );
}
