-- Principals are Cloudflare users, and can be retired.
ALTER TABLE "rollcall"."principals" ADD COLUMN "cloudflare_user_id" text;
--> statement-breakpoint
ALTER TABLE "rollcall"."principals" ADD COLUMN "retired_at" timestamp with time zone;
--> statement-breakpoint
UPDATE rollcall.principals AS principal SET cloudflare_user_id = (
	SELECT run.cloudflare_user_id FROM rollcall.runs AS run
	WHERE run.principal_id = principal.id AND run.state = 'complete' AND run.cloudflare_user_id IS NOT NULL
	ORDER BY run.id DESC LIMIT 1
);
--> statement-breakpoint
-- Digests have a recipe with a number. Links of the first one cover the principal's name, which can change from now on.
ALTER TABLE "rollcall"."runs" ADD COLUMN "source" text DEFAULT 'organizations' NOT NULL;
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD COLUMN "digest_version" integer;
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD COLUMN "changes_digest" text;
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD COLUMN "chained_name" text;
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD COLUMN "superseded_by" bigint;
--> statement-breakpoint
UPDATE rollcall.runs AS run SET digest_version = 1, chained_name = principal.name
FROM rollcall.principals AS principal WHERE principal.id = run.principal_id AND run.digest IS NOT NULL;
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" DROP CONSTRAINT "runs_state_known";
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD CONSTRAINT "runs_state_known" CHECK ("rollcall"."runs"."state" in ('running', 'complete', 'incomplete', 'failed', 'timed_out', 'held', 'rejected', 'superseded'));
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" DROP CONSTRAINT "runs_complete_have_a_snapshot";
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD CONSTRAINT "runs_complete_have_a_snapshot" CHECK ("rollcall"."runs"."state" <> 'complete' or ("rollcall"."runs"."organizations" is not null and "rollcall"."runs"."changes" is not null and "rollcall"."runs"."digest" is not null and "rollcall"."runs"."digest_version" is not null and "rollcall"."runs"."chain" is not null));
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD CONSTRAINT "runs_source_known" CHECK ("rollcall"."runs"."source" in ('organizations', 'memberships'));
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD CONSTRAINT "runs_superseded_say_by_what" CHECK (("rollcall"."runs"."state" = 'superseded') = ("rollcall"."runs"."superseded_by" is not null));
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD CONSTRAINT "runs_superseded_by_fkey" FOREIGN KEY ("principal_id","superseded_by") REFERENCES "rollcall"."runs"("principal_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "runs_complete" ON "rollcall"."runs" USING btree ("principal_id","id") WHERE "rollcall"."runs"."state" = 'complete';
--> statement-breakpoint
-- No two complete runs on one baseline. Where history has forked already, that stays as it is, and none is added.
DO $$
DECLARE
	forked bigint;
BEGIN
	SELECT max(id) INTO forked FROM (
		SELECT id, count(*) OVER (PARTITION BY principal_id, coalesce(baseline_run_id, 0)) AS runs
		FROM rollcall.runs WHERE state = 'complete'
	) AS run WHERE runs > 1;
	EXECUTE format(
		'CREATE UNIQUE INDEX "runs_one_complete_on_each_baseline" ON "rollcall"."runs" USING btree ("principal_id", coalesce("baseline_run_id", 0)) WHERE "rollcall"."runs"."state" = ''complete''%s',
		CASE WHEN forked IS NULL THEN '' ELSE format(' AND "rollcall"."runs"."id" > %s', forked) END
	);
END $$;
--> statement-breakpoint
-- Intervals of one membership as a chain of B-trees, in place of an exclusion constraint that needs an extension.
ALTER TABLE "rollcall"."memberships" ADD COLUMN "previous_valid_to" timestamp with time zone;
--> statement-breakpoint
UPDATE rollcall.memberships AS membership SET previous_valid_to = earlier.valid_to
FROM (
	SELECT id, lag(valid_to) OVER (PARTITION BY principal_id, organization_id ORDER BY valid_from) AS valid_to
	FROM rollcall.memberships
) AS earlier WHERE earlier.id = membership.id AND earlier.valid_to IS NOT NULL;
--> statement-breakpoint
ALTER TABLE rollcall.memberships DROP CONSTRAINT IF EXISTS memberships_never_overlap;
--> statement-breakpoint
-- The references to its runs hold the principal too; this one cost a fifth of a first night.
ALTER TABLE "rollcall"."memberships" DROP CONSTRAINT "memberships_principal_id_principals_id_fk";
--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD CONSTRAINT "memberships_each_end_once" UNIQUE("organization_id","principal_id","valid_to");
--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD CONSTRAINT "memberships_one_after_each" UNIQUE NULLS NOT DISTINCT("organization_id","principal_id","previous_valid_to");
--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD CONSTRAINT "memberships_previous_fkey" FOREIGN KEY ("organization_id","principal_id","previous_valid_to") REFERENCES "rollcall"."memberships"("organization_id","principal_id","valid_to") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD CONSTRAINT "memberships_after_the_one_before" CHECK ("rollcall"."memberships"."previous_valid_to" <= "rollcall"."memberships"."valid_from");
--> statement-breakpoint
DROP INDEX "rollcall"."memberships_by_organization";
--> statement-breakpoint
-- What a held run saw, as rows.
CREATE TABLE "rollcall"."held_memberships" (
	"run_id" bigint NOT NULL,
	"organization_id" text NOT NULL,
	"organization_name" text,
	"status" text,
	"roles" text[],
	"permissions" text[],
	"is_listed" boolean NOT NULL,
	CONSTRAINT "held_memberships_run_id_organization_id_pk" PRIMARY KEY("run_id","organization_id")
);
--> statement-breakpoint
ALTER TABLE "rollcall"."held_memberships" ADD CONSTRAINT "held_memberships_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "rollcall"."runs"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
INSERT INTO rollcall.held_memberships (run_id, organization_id, organization_name, status, roles, permissions, is_listed)
SELECT held.run_id, seen."organizationId", seen."organizationName", seen.status, seen.roles, seen.permissions, true
FROM rollcall.held_listings AS held
CROSS JOIN LATERAL jsonb_to_recordset(held.memberships) AS seen (
	"organizationId" text, "organizationName" text, status text, roles text[], permissions text[]
);
--> statement-breakpoint
INSERT INTO rollcall.held_memberships (run_id, organization_id, is_listed)
SELECT run.id, membership.organization_id, false
FROM rollcall.held_listings AS held
JOIN rollcall.runs AS run ON run.id = held.run_id
JOIN rollcall.memberships AS membership ON membership.principal_id = run.principal_id AND membership.ended_run_id IS NULL
ON CONFLICT DO NOTHING;
--> statement-breakpoint
UPDATE rollcall.runs AS run SET baseline_run_id = (
	SELECT max(complete.id) FROM rollcall.runs AS complete
	WHERE complete.principal_id = run.principal_id AND complete.state = 'complete' AND complete.id < run.id
) WHERE run.state = 'held';
--> statement-breakpoint
DROP TABLE "rollcall"."held_listings" CASCADE;
--> statement-breakpoint
-- Access: what is had apart from what is offered.
ALTER TABLE "rollcall"."changes" ADD COLUMN "offered" text[] DEFAULT '{}' NOT NULL;
--> statement-breakpoint
ALTER TABLE "rollcall"."changes" ADD COLUMN "super_administrator" text;
--> statement-breakpoint
ALTER TABLE "rollcall"."changes" ADD CONSTRAINT "changes_super_administrator_known" CHECK ("rollcall"."changes"."super_administrator" in ('gained', 'lost', 'offered', 'offer_gone'));
--> statement-breakpoint
ALTER TABLE "rollcall"."changes" DROP CONSTRAINT "changes_kind_fits_category";
--> statement-breakpoint
ALTER TABLE "rollcall"."changes" ADD CONSTRAINT "changes_kind_fits_category" CHECK (("rollcall"."changes"."category" = 'membership' and "rollcall"."changes"."kind" in ('left', 'status_changed', 'roles_changed', 'permissions_changed', 'joined', 'renamed')) or ("rollcall"."changes"."category" = 'invitation' and "rollcall"."changes"."kind" in ('invitation_replaced_membership', 'invitation_accepted', 'invited', 'invitation_changed', 'invitation_gone')));
--> statement-breakpoint
-- Changes that were told before: from the intervals that the run ended and opened.
CREATE TEMPORARY TABLE access_told ON COMMIT DROP AS
SELECT
	change.id,
	CASE WHEN earlier.status = 'member' THEN coalesce(earlier.roles, '{}') ELSE '{}' END AS had,
	CASE WHEN later.status = 'member' THEN coalesce(later.roles, '{}') ELSE '{}' END AS has,
	CASE WHEN earlier.status = 'invited' THEN coalesce(earlier.roles, '{}') ELSE '{}' END AS was_offered,
	CASE WHEN later.status = 'invited' THEN coalesce(later.roles, '{}') ELSE '{}' END AS is_offered,
	earlier.status IS NOT DISTINCT FROM later.status AS same_status,
	later.status IS NOT DISTINCT FROM 'invited' AS is_invited
FROM rollcall.changes AS change
LEFT JOIN rollcall.memberships AS earlier
	ON earlier.principal_id = change.principal_id AND earlier.organization_id = change.organization_id
	AND earlier.ended_run_id = change.run_id
LEFT JOIN rollcall.memberships AS later
	ON later.principal_id = change.principal_id AND later.organization_id = change.organization_id
	AND later.first_run_id = change.run_id
WHERE change.kind <> 'renamed';
--> statement-breakpoint
UPDATE rollcall.changes AS change SET
	added = CASE
		WHEN change.kind IN ('roles_changed', 'permissions_changed')
			THEN CASE WHEN told.same_status AND NOT told.is_invited THEN change.added ELSE '{}' END
		ELSE ARRAY(SELECT unnest(told.has) EXCEPT SELECT unnest(told.had) ORDER BY 1)
	END,
	removed = CASE
		WHEN change.kind IN ('roles_changed', 'permissions_changed')
			THEN CASE WHEN told.same_status AND NOT told.is_invited THEN change.removed ELSE '{}' END
		ELSE ARRAY(SELECT unnest(told.had) EXCEPT SELECT unnest(told.has) ORDER BY 1)
	END,
	offered = CASE WHEN told.is_invited THEN told.is_offered ELSE told.was_offered END,
	category = CASE WHEN told.same_status AND told.is_invited AND change.kind = 'roles_changed' THEN 'invitation' ELSE change.category END,
	kind = CASE WHEN told.same_status AND told.is_invited AND change.kind = 'roles_changed' THEN 'invitation_changed' ELSE change.kind END
FROM access_told AS told WHERE told.id = change.id;
--> statement-breakpoint
UPDATE rollcall.changes AS change SET super_administrator = CASE
	WHEN role.has AND NOT role.had THEN 'gained'
	WHEN role.had AND NOT role.has THEN 'lost'
	WHEN role.is_offered AND NOT role.was_offered THEN 'offered'
	WHEN role.was_offered AND NOT role.is_offered AND change.kind <> 'invitation_accepted' THEN 'offer_gone'
END
FROM (
	SELECT
		id,
		EXISTS (SELECT FROM unnest(had) AS role WHERE lower(btrim(role)) IN ('all privileges - super administrator', 'super administrator - all privileges', 'super administrator')) AS had,
		EXISTS (SELECT FROM unnest(has) AS role WHERE lower(btrim(role)) IN ('all privileges - super administrator', 'super administrator - all privileges', 'super administrator')) AS has,
		EXISTS (SELECT FROM unnest(was_offered) AS role WHERE lower(btrim(role)) IN ('all privileges - super administrator', 'super administrator - all privileges', 'super administrator')) AS was_offered,
		EXISTS (SELECT FROM unnest(is_offered) AS role WHERE lower(btrim(role)) IN ('all privileges - super administrator', 'super administrator - all privileges', 'super administrator')) AS is_offered
	FROM access_told
) AS role
WHERE role.id = change.id AND change.kind <> 'permissions_changed'
	AND NOT (change.kind = 'roles_changed' AND change.added = '{}' AND change.removed = '{}');
--> statement-breakpoint
-- `since` is when the membership was first seen as it is now, `seen_at` when somebody last looked.
CREATE OR REPLACE VIEW rollcall.current_memberships AS
SELECT
	principal.name AS principal,
	membership.organization_id,
	membership.organization_name,
	membership.status,
	membership.roles,
	membership.permissions,
	membership.valid_from AS since,
	seen.finished_at AS seen_at
FROM rollcall.memberships AS membership
JOIN rollcall.principals AS principal ON principal.id = membership.principal_id
LEFT JOIN LATERAL (
	SELECT run.finished_at FROM rollcall.runs AS run
	WHERE run.principal_id = principal.id AND run.state = 'complete'
	ORDER BY run.id DESC LIMIT 1
) AS seen ON true
WHERE membership.ended_run_id IS NULL AND principal.retired_at IS NULL;
--> statement-breakpoint
DROP FUNCTION rollcall.memberships_as_of(timestamptz);
--> statement-breakpoint
CREATE FUNCTION rollcall.memberships_as_of(instant timestamptz)
RETURNS TABLE (
	principal text,
	organization_id text,
	organization_name text,
	status text,
	roles text[],
	permissions text[],
	since timestamptz,
	seen_at timestamptz
)
LANGUAGE sql STABLE
AS $$
	SELECT
		principal.name,
		membership.organization_id,
		membership.organization_name,
		membership.status,
		membership.roles,
		membership.permissions,
		membership.valid_from,
		seen.finished_at
	FROM rollcall.memberships AS membership
	JOIN rollcall.principals AS principal ON principal.id = membership.principal_id
	LEFT JOIN LATERAL (
		SELECT run.finished_at FROM rollcall.runs AS run
		WHERE run.principal_id = principal.id AND run.state = 'complete' AND run.finished_at <= instant
		ORDER BY run.id DESC LIMIT 1
	) AS seen ON true
	WHERE membership.valid_from <= instant AND (membership.valid_to IS NULL OR membership.valid_to > instant)
		AND (principal.retired_at IS NULL OR principal.retired_at > instant)
$$;
--> statement-breakpoint
CREATE OR REPLACE VIEW rollcall.change_log AS
SELECT
	change.id,
	change.run_id,
	change.baseline_run_id,
	change.principal_id,
	principal.name AS principal,
	change.category,
	change.kind,
	change.organization_id,
	change.organization_name,
	change.before,
	change.after,
	change.added,
	change.removed,
	change.not_before,
	change.not_after,
	change."returning",
	change.by_us,
	run.slot,
	run.trigger,
	run.started_at AS run_started_at,
	run.finished_at AS run_finished_at,
	change.invited_by,
	change.invited_on,
	change.expires_on,
	change.gone_because,
	change.offered,
	change.super_administrator
FROM rollcall.changes AS change
JOIN rollcall.runs AS run ON run.id = change.run_id
JOIN rollcall.principals AS principal ON principal.id = change.principal_id;
