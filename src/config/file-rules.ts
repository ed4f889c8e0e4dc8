import * as z from 'zod';
import { categories, changeKinds } from '../domain/change.ts';
import { topics } from '../report/audience.ts';
import {
  addressRule,
  commandRule,
  cronRule,
  principalNameRule,
  retentionRule,
  sourceRule,
  timezoneRule,
  urlRule,
} from './rules.ts';
import { webhookShape } from './webhook-rules.ts';

/** An object with these keys and no others. */
function only<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape).filter((key) => key !== '$schema');
  return z.strictObject(shape, {
    error: ({ code, keys: unknown }) =>
      code === 'unrecognized_keys' ? `expected only ${keys.join(', ')}; got ${String(unknown)}` : undefined,
  });
}

const text = z.string().min(1, 'expected text');

const principalRule = only({
  name: principalNameRule.meta({ description: 'what reports and commands call this principal' }),
  apiToken: text.optional().meta({ description: 'a user-owned API token; better as ${NAME} than as text' }),
  apiTokenFile: text.optional().meta({ description: 'a file that holds the API token' }),
  email: addressRule.optional().meta({ description: 'the email that goes with a Global API Key' }),
  apiKey: text.optional().meta({ description: 'a Global API Key; better as ${NAME} than as text' }),
  apiKeyFile: text.optional().meta({ description: 'a file that holds the Global API Key' }),
  source: sourceRule
    .optional()
    .meta({ description: 'which endpoint its roll is read from; organizations when left out' }),
  pingUrl: urlRule
    .optional()
    .meta({ description: 'where its runs are announced, Healthchecks style: URL/start, URL, URL/fail' }),
});

/** A principal as `rollcall.yaml` has it. Whether its credentials go together is not checked yet. */
export type FilePrincipal = z.infer<typeof principalRule>;

const audienceRule = only({
  to: z
    .array(addressRule)
    .min(1, 'expected at least one address')
    .optional()
    .meta({ description: 'addresses that reports are mailed to; or a webhook in their place' }),
  ...webhookShape,
  principals: z
    .array(z.string())
    .min(1, 'expected at least one principal; leave it out for all')
    .optional()
    .meta({ description: 'reports about these principals only' }),
  categories: z
    .array(z.enum(categories))
    .min(1, 'expected at least one category; leave it out for all')
    .optional()
    .meta({ description: 'changes of these categories only' }),
  kinds: z
    .array(z.enum(changeKinds))
    .min(1, 'expected at least one kind; leave it out for all')
    .optional()
    .meta({ description: 'changes of these kinds only' }),
  roles: z
    .array(
      z
        .string()
        .regex(/\S/, 'expected a role, such as Billing or *Administrator*')
        .max(200, 'expected at most 200 characters'),
    )
    .min(1, 'expected at least one role; leave it out for all')
    .optional()
    .meta({
      description:
        'changes that add, remove or offer such a role only: * stands for any characters, ? for one, whatever the case',
    }),
  about: z
    .array(z.enum(topics))
    .min(1, 'expected at least one of changes, trouble, digest and quiet; leave it out for the default')
    .optional()
    .meta({
      description:
        'reports about this only; when left out, all but quiet, and changes alone beside categories, kinds or roles',
    }),
  csv: z
    .boolean('expected true or false')
    .optional()
    .meta({ description: 'whether the CSV goes along; true when left out' }),
});

const share = 'expected a share from 0 to 1, such as 0.25';
const count = 'expected a whole number, 0 or more';
const holdRule = only({
  removals: z
    .int(count)
    .min(0, count)
    .default(10)
    .meta({ description: 'held when more than so many memberships are gone, and more than the share' }),
  share: z
    .number(share)
    .min(0, share)
    .max(1, share)
    .default(0.25)
    .meta({ description: 'of the baseline, from 0 to 1' }),
});

const hours = 'expected whole hours, 0 to 168';
const catchUpRule = only({
  hours: z
    .int(hours)
    .min(0, hours)
    .max(168, hours)
    .default(24)
    .meta({ description: 'how old the newest missed slot may be to be caught up; 0 for never' }),
});

/** What `rollcall.yaml` may hold. */
export const fileRule = only({
  $schema: z.string().optional(),
  schedule: cronRule.optional().meta({ description: 'cron expression of the nightly snapshot' }),
  timezone: timezoneRule.optional().meta({ description: 'IANA time zone of the schedule' }),
  principals: z
    .array(principalRule)
    .min(1, 'expected at least one principal')
    .optional()
    .meta({ description: 'whose roll is called' }),
  reports: z
    .array(audienceRule)
    .min(1, 'expected at least one audience')
    .optional()
    .meta({ description: 'who gets which reports' }),
  catchUp: catchUpRule.optional().meta({ description: 'what becomes of a slot that passed unseen' }),
  digest: z
    .union([z.literal('off'), cronRule])
    .optional()
    .meta({ description: 'cron expression of the weekly digest, or off' }),
  retention: retentionRule
    .optional()
    .meta({ description: 'for how long history is kept, such as 3y; default: for ever' }),
  command: commandRule
    .optional()
    .meta({ description: 'how mails write the commands that they name, in place of rollcall' }),
  hold: holdRule.optional().meta({ description: 'when a run waits for approval instead of being believed' }),
});

/**
 * What `rollcall.yaml` holds, checked. The defaults within `hold` and `catchUp` are filled in, where these are given.
 */
export type ConfigFile = z.infer<typeof fileRule>;
