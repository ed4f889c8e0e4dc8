import { sql, type SQLWrapper } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { superAdministratorSteps } from '../domain/access.ts';
import {
  categories,
  type Category,
  type ChangeKind,
  changeKinds,
  goneReasons,
  kinds,
} from '../domain/change.ts';
import { type FieldType, type MembershipField, membershipFields } from '../domain/membership.ts';
import { carriers, reportKinds } from '../domain/report.ts';
import { type ListingProof, runSources, runStates, runTriggers } from '../domain/run.ts';

/** The tables. What Drizzle has no word for stands in the hand-written migrations: the views and `memberships_as_of`. */
export const rollcall = pgSchema('rollcall');

const id = () => bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity();
const reference = () => bigint({ mode: 'number' });
const instant = () => timestamp({ withTimezone: true, mode: 'date' });

/** The values of a closed list, as a check constraint names them. */
const oneOf = (values: readonly string[]) => sql.raw(`(${values.map((value) => `'${value}'`).join(', ')})`);

const columnTypes = {
  text: () => text(),
  set: () => text().array(),
  flag: () => boolean(),
} satisfies Record<FieldType, unknown>;

type FieldColumns = {
  [Field in MembershipField]: ReturnType<(typeof columnTypes)[(typeof membershipFields)[Field]]>;
};

/** A column for each field of a membership. */
const fieldColumns = () =>
  Object.fromEntries(
    Object.entries(membershipFields).map(([field, type]) => [field, columnTypes[type]()]),
  ) as FieldColumns;

/** One row for each principal that a run or a departure was of; a rename keeps the row. */
export const principals = rollcall.table('principals', {
  id: id(),
  name: text().notNull().unique(),
  /** The Cloudflare user that its newest complete run was of; null where none could tell. */
  cloudflareUserId: text(),
  createdAt: instant().notNull().defaultNow(),
  /** When it was said that nobody looks at it any more; null while somebody does. */
  retiredAt: instant(),
});

/** What holds of each run by itself. */
function checksOfRuns(
  run: Readonly<
    Record<
      | 'baselineRunId'
      | 'chain'
      | 'changes'
      | 'digest'
      | 'digestVersion'
      | 'error'
      | 'finishedAt'
      | 'id'
      | 'invited'
      | 'linkedBy'
      | 'members'
      | 'organizations'
      | 'recordsDigest'
      | 'seal'
      | 'slot'
      | 'source'
      | 'startedAt'
      | 'state'
      | 'supersededBy'
      | 'trigger',
      SQLWrapper
    >
  >,
) {
  return [
    check('runs_trigger_known', sql`${run.trigger} in ${oneOf(runTriggers)}`),
    check('runs_state_known', sql`${run.state} in ${oneOf(runStates)}`),
    check('runs_source_known', sql`${run.source} in ${oneOf(runSources)}`),
    check(
      'runs_superseded_say_by_what',
      sql`(${run.state} = 'superseded') = (${run.supersededBy} is not null)`,
    ),
    check('runs_slot_unless_manual', sql`(${run.trigger} = 'manual') = (${run.slot} is null)`),
    check('runs_running_until_finished', sql`(${run.state} = 'running') = (${run.finishedAt} is null)`),
    check('runs_finish_after_start', sql`${run.finishedAt} >= ${run.startedAt}`),
    check(
      'runs_complete_have_a_snapshot',
      sql`${run.state} <> 'complete' or (${run.organizations} is not null and ${run.changes} is not null and ${run.digest} is not null and ${run.digestVersion} is not null and ${run.chain} is not null)`,
    ),
    check(
      'runs_ended_short_say_why',
      sql`${run.state} not in ('incomplete', 'failed', 'timed_out') or ${run.error} is not null`,
    ),
    check('runs_only_complete_extend_the_chain', sql`${run.state} = 'complete' or ${run.chain} is null`),
    check('runs_only_complete_link_others', sql`${run.state} = 'complete' or ${run.recordsDigest} is null`),
    check('runs_seal_once_ended', sql`${run.seal} is null or ${run.state} not in ('running', 'complete')`),
    check(
      'runs_linked_by_a_later_run',
      sql`${run.linkedBy} is null or (${run.seal} is not null and ${run.linkedBy} > ${run.id})`,
    ),
    check('runs_counts_add_up', sql`${run.members} + ${run.invited} <= ${run.organizations}`),
    check('runs_baseline_is_earlier', sql`${run.baselineRunId} < ${run.id}`),
  ];
}

/**
 * One row for each execution of the snapshot job for one principal.
 *
 * `running` ends as `complete`, `incomplete`, `failed`, `timed_out` or `held`; `held` ends as `complete` (approved),
 * `rejected` (by hand) or `superseded` (a later run is held or complete in its place). `heartbeat_at` is by the database's clock, so that workers need not agree on the time.
 */
export const runs = rollcall.table(
  'runs',
  {
    id: id(),
    principalId: reference()
      .notNull()
      .references(() => principals.id),
    slot: instant(),
    trigger: text({ enum: runTriggers }).notNull(),
    state: text({ enum: runStates }).notNull(),
    /** Which endpoint its listing was read from. */
    source: text({ enum: runSources }).notNull().default('organizations'),
    startedAt: instant().notNull(),
    finishedAt: instant(),
    baselineRunId: reference(),
    organizations: integer(),
    /** How many of them were members and how many invited; null before it is complete, and for runs of older versions. */
    members: integer(),
    invited: integer(),
    changes: integer(),
    requests: integer().notNull().default(0),
    retries: integer().notNull().default(0),
    listings: integer().notNull().default(0),
    pages: integer().notNull().default(0),
    error: text(),
    /** What made it believe its snapshot, or what became of it while it was held. */
    conclusion: text(),
    /** One entry for each reading of the listing: what proves it complete, or what did not add up. */
    proof: jsonb().$type<readonly ListingProof[]>(),
    /** The Cloudflare user that answered; null where the credentials may not read it. */
    cloudflareUserId: text(),
    /** SHA-256, hex, of the memberships that it saw, by the recipe of `digest_version`. */
    digest: text(),
    digestVersion: integer(),
    /** SHA-256, hex, of its changes; null under the first recipe, which did not cover them. */
    changesDigest: text(),
    /** SHA-256, hex, over the previous complete run's chain and what this run says of itself. */
    chain: text(),
    /** SHA-256, hex, of the seals that its link covers; null where there was none to cover. */
    recordsDigest: text(),
    /** SHA-256, hex, of what is kept of a run that ended otherwise than complete; a complete one's is in its chain. */
    seal: text(),
    /** The complete run whose link covers the seal; null until there is one, and of complete runs. */
    linkedBy: reference(),
    /** The id while it is complete, else null: what only complete runs may have refers to it. */
    completeId: reference().generatedAlwaysAs(sql.raw(`case when state = 'complete' then id end`)),
    /** The principal's name that a link of the first recipe covers; later ones cover its id. */
    chainedName: text(),
    /** The run that is held in its place; only of a superseded one. */
    supersededBy: reference(),
    /** Who runs it: host, process id and a nonce. */
    worker: text(),
    heartbeatAt: instant().notNull().defaultNow(),
    /** Its process died or was interrupted, or it was tried under a name that another principal has now; another run may take its slot. */
    abandoned: boolean().notNull().default(false),
  },
  (run) => [
    unique('runs_principal_id_id_key').on(run.principalId, run.id),
    unique('runs_complete_key').on(run.principalId, run.completeId),
    foreignKey({
      name: 'runs_linked_by_fkey',
      columns: [run.principalId, run.linkedBy],
      foreignColumns: [run.principalId, run.completeId],
    }),
    foreignKey({
      name: 'runs_baseline_fkey',
      columns: [run.principalId, run.baselineRunId],
      foreignColumns: [run.principalId, run.id],
    }),
    foreignKey({
      name: 'runs_superseded_by_fkey',
      columns: [run.principalId, run.supersededBy],
      foreignColumns: [run.principalId, run.id],
    }),
    // History cannot fork: a principal has one first complete run, and one after each.
    uniqueIndex('runs_one_complete_on_each_baseline')
      .on(run.principalId, sql`coalesce(${run.baselineRunId}, 0)`)
      .where(sql`${run.state} = 'complete'`),
    index('runs_complete')
      .on(run.principalId, run.id)
      .where(sql`${run.state} = 'complete'`),
    index('runs_by_start').on(run.startedAt),
    index('runs_by_slot').on(run.slot, run.principalId),
    index('runs_not_linked')
      .on(run.principalId)
      .where(sql`${run.linkedBy} is null and ${run.state} not in ('running', 'complete')`),
    index('runs_held')
      .on(run.principalId)
      .where(sql`${run.state} = 'held'`),
    index('runs_superseded')
      .on(run.supersededBy)
      .where(sql`${run.supersededBy} is not null`),
    uniqueIndex('runs_one_for_each_slot')
      .on(run.principalId, run.slot)
      .where(sql`not ${run.abandoned}`),
    uniqueIndex('runs_one_running_for_each_principal')
      .on(run.principalId)
      .where(sql`${run.state} = 'running'`),
    ...checksOfRuns(run),
  ],
);

/**
 * Runs that ended, counted by triggers as they end: whoever asks how many there have been need not read all of them.
 * What is counted stays so when old runs are deleted; it goes with its principal.
 */
export const runTallies = rollcall.table(
  'run_tallies',
  {
    principalId: reference()
      .notNull()
      .references(() => principals.id, { onDelete: 'cascade' }),
    state: text({ enum: runStates }).notNull(),
    runs: reference().notNull(),
    requests: reference().notNull(),
    retries: reference().notNull(),
  },
  (tally) => [primaryKey({ columns: [tally.principalId, tally.state] })],
);

function kindsOf(category: Category): string[] {
  return changeKinds.filter((kind) => kinds[kind] === category);
}

/** Intervals: a row holds while nothing about the membership changes, and is open while `ended_run_id` is null. */
export const memberships = rollcall.table(
  'memberships',
  {
    id: id(),
    /** Of the principal of both its runs, to which the references to them hold it. */
    principalId: reference().notNull(),
    organizationId: text().notNull(),
    ...fieldColumns(),
    firstRunId: reference().notNull(),
    endedRunId: reference(),
    validFrom: instant().notNull(),
    validTo: instant(),
    /** Where the interval before this one ended; null for the first of a membership. */
    previousValidTo: instant(),
  },
  (membership) => [
    foreignKey({
      name: 'memberships_first_run_fkey',
      columns: [membership.principalId, membership.firstRunId],
      foreignColumns: [runs.principalId, runs.completeId],
    }),
    foreignKey({
      name: 'memberships_ended_run_fkey',
      columns: [membership.principalId, membership.endedRunId],
      foreignColumns: [runs.principalId, runs.completeId],
    }),
    index('memberships_by_first_run').on(membership.principalId, membership.firstRunId),
    index('memberships_by_ended_run').on(membership.principalId, membership.endedRunId),
    uniqueIndex('memberships_one_open_for_each_organization')
      .on(membership.principalId, membership.organizationId)
      .where(sql`${membership.endedRunId} is null`),
    // The intervals of a membership are one chain, in which none overlaps another: each but the first names the end of
    // one before it, and no two name the same.
    unique('memberships_each_end_once').on(
      membership.organizationId,
      membership.principalId,
      membership.validTo,
    ),
    unique('memberships_one_after_each')
      .on(membership.organizationId, membership.principalId, membership.previousValidTo)
      .nullsNotDistinct(),
    foreignKey({
      name: 'memberships_previous_fkey',
      columns: [membership.organizationId, membership.principalId, membership.previousValidTo],
      foreignColumns: [membership.organizationId, membership.principalId, membership.validTo],
    }),
    check('memberships_after_the_one_before', sql`${membership.previousValidTo} <= ${membership.validFrom}`),
    check(
      'memberships_open_or_ended',
      sql`(${membership.endedRunId} is null) = (${membership.validTo} is null)`,
    ),
    check('memberships_valid_forward', sql`${membership.validTo} > ${membership.validFrom}`),
    check('memberships_ended_by_a_later_run', sql`${membership.endedRunId} > ${membership.firstRunId}`),
  ],
);

/** Differences of one membership between two snapshots; nothing is ever updated or deleted here. */
export const changes = rollcall.table(
  'changes',
  {
    id: id(),
    runId: reference().notNull(),
    baselineRunId: reference().notNull(),
    principalId: reference()
      .notNull()
      .references(() => principals.id),
    organizationId: text().notNull(),
    organizationName: text(),
    category: text({ enum: categories }).notNull(),
    kind: text({ enum: changeKinds as [ChangeKind, ...ChangeKind[]] }).notNull(),
    before: text(),
    after: text(),
    added: text().array().notNull().default([]),
    removed: text().array().notNull().default([]),
    notBefore: instant().notNull(),
    notAfter: instant().notNull(),
    returning: boolean().notNull().default(false),
    byUs: boolean().notNull().default(false),
    /** Of the invitation that it is about, where the credentials may read it. */
    invitedBy: text(),
    invitedOn: instant(),
    expiresOn: instant(),
    goneBecause: text({ enum: goneReasons }),
    /** Roles that an invitation offers after the change, or offered before where there is none after. */
    offered: text().array().notNull().default([]),
    /** What happened to Super Administrator; null when nothing did. */
    superAdministrator: text({ enum: superAdministratorSteps }),
  },
  (change) => [
    check(
      'changes_gone_because_known',
      sql`${change.goneBecause} is null or (${change.goneBecause} in ${oneOf(goneReasons)} and ${change.kind} = 'invitation_gone')`,
    ),
    foreignKey({
      name: 'changes_run_fkey',
      columns: [change.principalId, change.runId],
      foreignColumns: [runs.principalId, runs.completeId],
    }),
    foreignKey({
      name: 'changes_baseline_run_fkey',
      columns: [change.principalId, change.baselineRunId],
      foreignColumns: [runs.principalId, runs.completeId],
    }),
    unique('changes_each_once').on(change.runId, change.organizationId, change.kind),
    index('changes_by_time').on(change.notAfter),
    index('changes_by_organization').on(change.organizationId),
    check('changes_baseline_is_earlier', sql`${change.baselineRunId} < ${change.runId}`),
    check('changes_window_forward', sql`${change.notBefore} <= ${change.notAfter}`),
    check(
      'changes_super_administrator_known',
      sql`${change.superAdministrator} in ${oneOf(superAdministratorSteps)}`,
    ),
    check(
      'changes_kind_fits_category',
      sql.join(
        categories.map(
          (category) =>
            sql`(${change.category} = ${sql.raw(`'${category}'`)} and ${change.kind} in ${oneOf(kindsOf(category))})`,
        ),
        sql` or `,
      ),
    ),
  ],
);

/** Changes, counted like runs in `run_tallies`. */
export const changeTallies = rollcall.table(
  'change_tallies',
  {
    principalId: reference()
      .notNull()
      .references(() => principals.id, { onDelete: 'cascade' }),
    kind: text({ enum: changeKinds as [ChangeKind, ...ChangeKind[]] }).notNull(),
    changes: reference().notNull(),
  },
  (tally) => [primaryKey({ columns: [tally.principalId, tally.kind] })],
);

/**
 * How what a held run saw differs from its baseline, until somebody approves or rejects it or a later run takes its place:
 * memberships that came or are not as they were, and those that are not listed any more.
 */
export const heldMemberships = rollcall.table(
  'held_memberships',
  {
    runId: reference()
      .notNull()
      .references(() => runs.id),
    organizationId: text().notNull(),
    ...fieldColumns(),
    isListed: boolean().notNull(),
  },
  (held) => [primaryKey({ columns: [held.runId, held.organizationId] })],
);

/** Invitations as they were last seen, so that it can be said who had sent one that is gone. */
export const invitations = rollcall.table(
  'invitations',
  {
    id: id(),
    principalId: reference()
      .notNull()
      .references(() => principals.id),
    inviteId: text().notNull(),
    organizationId: text().notNull(),
    invitedBy: text(),
    invitedOn: instant(),
    expiresOn: instant(),
    status: text(),
    lastRunId: reference().notNull(),
  },
  (invitation) => [
    unique('invitations_each_once').on(invitation.principalId, invitation.inviteId),
    foreignKey({
      name: 'invitations_last_run_fkey',
      columns: [invitation.principalId, invitation.lastRunId],
      foreignColumns: [runs.principalId, runs.id],
    }),
    index('invitations_by_organization').on(invitation.principalId, invitation.organizationId),
  ],
);

/** What `organizations leave` asked for, so that the next report can say that a departure was ours. */
export const departures = rollcall.table(
  'departures',
  {
    id: id(),
    principalId: reference()
      .notNull()
      .references(() => principals.id),
    organizationId: text().notNull(),
    organizationName: text(),
    requestedAt: instant().notNull(),
    /** Whether the API said so; `unknown` while its answer is. */
    outcome: text({ enum: ['unknown', 'left', 'refused'] })
      .notNull()
      .default('unknown'),
  },
  (departure) => [
    index('departures_by_organization').on(departure.principalId, departure.organizationId),
    check('departures_outcome_known', sql`${departure.outcome} in ('unknown', 'left', 'refused')`),
  ],
);

/** What is said about a run, or about a principal that has none; kept whole, so that a delivery can be tried again by another process. */
export const reports = rollcall.table(
  'reports',
  {
    id: id(),
    runId: reference().references(() => runs.id),
    principalId: reference().references(() => principals.id),
    kind: text({ enum: reportKinds }).notNull(),
    subject: text().notNull(),
    text: text().notNull(),
    html: text().notNull(),
    /** Null for a report that has no changes to list. */
    csv: text(),
    csvSha256: text(),
    csvFilename: text(),
    /** The same as JSON, for webhooks; null where none gets it. */
    json: text(),
    /** Of a digest: the instant at which it was due, for which none else is made. */
    slot: instant(),
    createdAt: instant().notNull().defaultNow(),
    /** SHA-256, hex, of all that it says. */
    seal: text(),
    /** The complete run of its principal whose link covers the seal; null until there is one, and of digests. */
    linkedBy: reference(),
  },
  (report) => [
    foreignKey({
      name: 'reports_linked_by_fkey',
      columns: [report.principalId, report.linkedBy],
      foreignColumns: [runs.principalId, runs.completeId],
    }),
    index('reports_not_linked')
      .on(report.principalId)
      .where(sql`${report.linkedBy} is null and ${report.principalId} is not null`),
    index('reports_by_run').on(report.runId),
    index('reports_by_slot')
      .on(report.slot)
      .where(sql`${report.slot} is not null`),
    index('reports_of_trouble')
      .on(report.principalId, report.runId, report.createdAt)
      .where(sql`${report.kind} in ('failure', 'held')`),
    check('reports_kind_known', sql`${report.kind} in ${oneOf(reportKinds)}`),
    check(
      'reports_csv_whole',
      sql`num_nulls(${report.csv}, ${report.csvSha256}, ${report.csvFilename}) in (0, 3)`,
    ),
    check(
      'reports_about_a_run_or_its_absence',
      sql`${report.runId} is not null or ${report.kind} = 'digest' or (${report.kind} = 'failure' and ${report.principalId} is not null)`,
    ),
    check('reports_digest_has_a_slot', sql`(${report.kind} = 'digest') = (${report.slot} is not null)`),
  ],
);

/**
 * The ledger: one report to one recipient, by mail or webhook.
 *
 * `pending` (owed) ends as `sent` or `failed` (refused for good, or given up); `unknown` (nobody can say whether the
 * server took it) is tried again under the same Message-ID. Who attempts it and when is the queue's affair.
 */
export const deliveries = rollcall.table(
  'deliveries',
  {
    id: id(),
    reportId: reference()
      .notNull()
      .references(() => reports.id),
    /** A mail address, or of a webhook what stands for its URL. */
    recipient: text().notNull(),
    carrier: text({ enum: carriers }).notNull().default('mail'),
    /** Whether the CSV goes with it. */
    withFile: boolean().notNull().default(true),
    state: text({ enum: ['pending', 'sent', 'failed', 'unknown'] })
      .notNull()
      .default('pending'),
    attempts: integer().notNull().default(0),
    messageId: text().notNull().unique(),
    sentAt: instant(),
    lastError: text(),
    /** When it was made, or asked for again: it is given up some days after. */
    owedSince: instant().notNull().defaultNow(),
    createdAt: instant().notNull().defaultNow(),
  },
  (delivery) => [
    uniqueIndex('deliveries_once_to_each_recipient').on(delivery.reportId, sql`lower(${delivery.recipient})`),
    index('deliveries_owed')
      .on(delivery.owedSince)
      .where(sql`${delivery.state} in ('pending', 'unknown')`),
    index('deliveries_not_sent')
      .on(delivery.state)
      .where(sql`${delivery.state} <> 'sent'`),
    check('deliveries_carrier_known', sql`${delivery.carrier} in ${oneOf(carriers)}`),
    check('deliveries_state_known', sql`${delivery.state} in ('pending', 'sent', 'failed', 'unknown')`),
    check('deliveries_sent_say_when', sql`(${delivery.state} = 'sent') = (${delivery.sentAt} is not null)`),
  ],
);

/**
 * Deliveries that are sent, counted by triggers: the one state that grows for ever. In the others there are few, which an
 * index counts, so that owing a report waits for nobody.
 */
export const deliveryTallies = rollcall.table(
  'delivery_tallies',
  {
    state: text({ enum: ['sent'] }).primaryKey(),
    deliveries: reference().notNull(),
  },
  (tally) => [check('delivery_tallies_of_sent', sql`${tally.state} = 'sent'`)],
);

/**
 * Where the history of a principal begins, since what was before was pruned: a complete run that is kept, with what its
 * link says of the runs before it, and what the memberships are checked by that it began with.
 */
export const checkpoints = rollcall.table(
  'checkpoints',
  {
    principalId: reference().primaryKey(),
    runId: reference().notNull(),
    /** The chain and the id of the complete run before it. */
    previousChain: text(),
    baselineRunId: reference(),
    /** SHA-256, hex, over the memberships of its snapshot and since when each is as it is. */
    rollDigest: text().notNull(),
    madeAt: instant().notNull(),
  },
  (checkpoint) => [
    foreignKey({
      name: 'checkpoints_run_fkey',
      columns: [checkpoint.principalId, checkpoint.runId],
      foreignColumns: [runs.principalId, runs.completeId],
    }),
  ],
);

/**
 * The processes that run jobs, by the database's clock. One that ended stays for a while: its schedule tells which slots
 * anybody was to run.
 */
export const workers = rollcall.table(
  'workers',
  {
    /** Host, process id and a nonce: what `runs.worker` has. */
    name: text().primaryKey(),
    version: text().notNull(),
    /** What it was configured with that bears on the nights, as a hash: another one means another configuration. */
    configuration: text().notNull(),
    schedule: text().notNull(),
    timezone: text().notNull(),
    startedAt: instant().notNull().defaultNow(),
    seenAt: instant().notNull().defaultNow(),
    /** When it said that it ends; null while it runs, and for ever where it was killed. */
    endedAt: instant(),
  },
  (worker) => [
    index('workers_by_start').on(worker.startedAt),
    check('workers_end_after_their_start', sql`${worker.endedAt} >= ${worker.startedAt}`),
  ],
);
