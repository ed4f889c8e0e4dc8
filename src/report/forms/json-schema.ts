import * as z from 'zod';
import { superAdministratorSteps } from '../../domain/access.ts';
import { categories, type ChangeKind, changeKinds, goneReasons } from '../../domain/change.ts';
import { reportKinds } from '../../domain/report.ts';
import { runSources } from '../../domain/run.ts';
import { type changeColumns } from '../columns.ts';

const time = z.iso.datetime().meta({ description: 'ISO 8601, in UTC' });
const count = z
  .int()
  .min(0)
  .max(2 ** 31);
const id = z
  .int()
  .min(1)
  .max(2 ** 53 - 1);
const kind = z.enum(changeKinds as [ChangeKind, ...ChangeKind[]]);
const chain = z.string().regex(/^[0-9a-f]{64}$/);
const texts = z.array(z.string());

const counts = z
  .partialRecord(kind, count)
  .meta({ description: 'how many changes of each kind there are, listed or not' });

/** Of every column, so that none of the CSV's is forgotten here. */
const columnRules = {
  change_id: id.nullable().meta({ description: 'null for a suspect of a held run, which is not history' }),
  run_id: id,
  principal: z.string(),
  category: z.enum(categories),
  kind,
  organization_id: z.string(),
  organization_name: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  added: texts.meta({
    description: 'roles, permissions or policies that the principal has after and not before',
  }),
  removed: texts,
  not_before: time,
  not_after: time,
  returning: z.boolean(),
  by_us: z.boolean(),
  invited_by: z.string().nullable(),
  invited_on: time.nullable(),
  expires_on: time.nullable(),
  gone_because: z.enum(goneReasons).nullable(),
  offered: texts.meta({ description: 'roles that an invitation offers, which gives none' }),
  super_administrator: z.enum(superAdministratorSteps).nullable(),
} as const satisfies Record<keyof typeof changeColumns, z.ZodType>;

const runRule = z.object({
  id,
  state: z.enum(['complete', 'held', 'incomplete', 'failed', 'timed_out']),
  finished_at: time,
  baseline_run_id: id.nullable(),
  not_before: time.nullable().meta({ description: 'the window in which its changes happened' }),
  not_after: time.nullable(),
  chain: chain.nullable().meta({ description: 'the head of the hash chain' }),
  members: count.nullable(),
  invited: count.nullable(),
  other: count.nullable(),
  missed_runs: count.nullable().meta({ description: 'runs since the baseline that stored nothing' }),
  identity_checked: z.boolean().nullable(),
  source_change: z
    .object({
      from: z.enum(runSources),
      to: z.enum(runSources),
      held_by_policy: count.meta({
        description:
          'organizations in which a policy alone gives Super Administrator, as first or last known',
      }),
      note: z.string().meta({ description: 'what joined and left may mean in such a report' }),
    })
    .nullable()
    .meta({ description: 'that it was read from another source than its baseline' }),
});

const principalRule = z.object({
  principal: z.string(),
  complete: count,
  held: count,
  failed: count,
  missed: count,
  counts,
  members: count.nullable().meta({ description: 'null where its reader is not to hear of it' }),
  invited: count.nullable(),
  other: count.nullable(),
  super_administrators: count.nullable(),
  chain: chain.nullable(),
});

/** What webhooks of the format `json` get. Receivers have to let fields pass that they do not know. */
export const eventRule = z.object({
  schema: z
    .literal(1)
    .meta({ description: 'the version of this form: fields are added to it, none changes' }),
  type: z.enum([...reportKinds, 'test'].map((of) => `rollcall.${of}`) as [string, ...string[]]),
  timestamp: time,
  data: z.object({
    subject: z.string(),
    headline: z.string().meta({ description: 'the first line of the mail' }),
    alert: z.string().nullable().meta({ description: 'what must not be overlooked' }),
    reason: z.string().nullable().meta({ description: 'why a run is held, or what failed' }),
    principal: z.string().nullable().meta({ description: 'null in a digest' }),
    run: runRule.nullable().meta({ description: 'null where it is about no run' }),
    last_complete: z
      .object({ id, finished_at: time, chain })
      .nullable()
      .meta({ description: 'the newest complete run before, of a report about trouble' }),
    counts,
    changes: z
      .array(z.object(columnRules))
      .max(2_000)
      .meta({ description: 'under the names of the CSV’s columns; the gravest kinds first' }),
    changes_left_out: count.meta({ description: 'how many are in the CSV alone' }),
    principals: z.array(principalRule).max(2_000).meta({ description: 'of a digest' }),
    principals_left_out: count,
    needs: texts.meta({ description: 'of a digest: what wants attention, the gravest first' }),
    do_next: texts.meta({ description: 'commands as they can be typed' }),
    csv: z
      .object({ filename: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })
      .nullable()
      .meta({
        description: 'the file that goes with the mail, which `rollcall reports show ID --csv` prints',
      }),
  }),
});

/** The JSON Schema of what webhooks get, for those who read it. */
export function eventJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(eventRule, { io: 'input', reused: 'ref' });
  return { $schema, title: 'rollcall webhook', description: 'What a webhook of format json gets', ...schema };
}
