-- Custom SQL migration: what Drizzle has no word for.

-- Needed to put = beside && in one exclusion constraint. A trusted extension: the database's owner may create it.
CREATE EXTENSION IF NOT EXISTS btree_gist;
--> statement-breakpoint
ALTER TABLE rollcall.memberships
	ADD CONSTRAINT memberships_never_overlap
	EXCLUDE USING gist (organization_id WITH =, principal_id WITH =, tstzrange(valid_from, valid_to) WITH &&);
--> statement-breakpoint
-- One row per complete run and membership it saw. Runs of one principal never overlap, so their ids are in order.
CREATE VIEW rollcall.snapshots AS
SELECT
	run.id AS run_id,
	principal.name AS principal,
	membership.organization_id,
	membership.organization_name,
	membership.status,
	membership.roles,
	membership.permissions
FROM rollcall.runs AS run
JOIN rollcall.principals AS principal ON principal.id = run.principal_id
JOIN rollcall.memberships AS membership
	ON membership.principal_id = run.principal_id
	AND membership.first_run_id <= run.id
	AND (membership.ended_run_id IS NULL OR membership.ended_run_id > run.id)
WHERE run.state = 'complete';
--> statement-breakpoint
-- `since` is when the membership was first seen as it is now.
CREATE VIEW rollcall.current_memberships AS
SELECT
	principal.name AS principal,
	membership.organization_id,
	membership.organization_name,
	membership.status,
	membership.roles,
	membership.permissions,
	membership.valid_from AS since
FROM rollcall.memberships AS membership
JOIN rollcall.principals AS principal ON principal.id = membership.principal_id
WHERE membership.ended_run_id IS NULL;
--> statement-breakpoint
CREATE VIEW rollcall.change_log AS
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
	run.finished_at AS run_finished_at
FROM rollcall.changes AS change
JOIN rollcall.runs AS run ON run.id = change.run_id
JOIN rollcall.principals AS principal ON principal.id = change.principal_id;
--> statement-breakpoint
CREATE FUNCTION rollcall.memberships_as_of(instant timestamptz)
RETURNS TABLE (
	principal text,
	organization_id text,
	organization_name text,
	status text,
	roles text[],
	permissions text[],
	since timestamptz
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
		membership.valid_from
	FROM rollcall.memberships AS membership
	JOIN rollcall.principals AS principal ON principal.id = membership.principal_id
	WHERE tstzrange(membership.valid_from, membership.valid_to) @> instant
$$;
