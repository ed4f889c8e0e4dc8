ALTER TABLE "rollcall"."changes" DROP CONSTRAINT "changes_kind_fits_category";--> statement-breakpoint
ALTER TABLE "rollcall"."held_memberships" ADD COLUMN "membership_id" text;--> statement-breakpoint
ALTER TABLE "rollcall"."held_memberships" ADD COLUMN "two_factor_enforced" boolean;--> statement-breakpoint
ALTER TABLE "rollcall"."held_memberships" ADD COLUMN "api_access" boolean;--> statement-breakpoint
ALTER TABLE "rollcall"."held_memberships" ADD COLUMN "policies" text[];--> statement-breakpoint
ALTER TABLE "rollcall"."held_memberships" ADD COLUMN "parent_organization" text;--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD COLUMN "membership_id" text;--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD COLUMN "two_factor_enforced" boolean;--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD COLUMN "api_access" boolean;--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD COLUMN "policies" text[];--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD COLUMN "parent_organization" text;--> statement-breakpoint
ALTER TABLE "rollcall"."changes" ADD CONSTRAINT "changes_kind_fits_category" CHECK (("rollcall"."changes"."category" = 'membership' and "rollcall"."changes"."kind" in ('left', 'status_changed', 'roles_changed', 'permissions_changed', 'policies_changed', 'two_factor_changed', 'api_access_changed', 'parent_changed', 'joined', 'renamed')) or ("rollcall"."changes"."category" = 'invitation' and "rollcall"."changes"."kind" in ('invitation_replaced_membership', 'invitation_accepted', 'invited', 'invitation_changed', 'invitation_gone')));
--> statement-breakpoint
-- What is added stands behind what was there.
CREATE OR REPLACE VIEW rollcall.snapshots AS
SELECT
	run.id AS run_id,
	principal.name AS principal,
	membership.organization_id,
	membership.organization_name,
	membership.status,
	membership.roles,
	membership.permissions,
	membership.membership_id,
	membership.two_factor_enforced,
	membership.api_access,
	membership.policies,
	membership.parent_organization
FROM rollcall.runs AS run
JOIN rollcall.principals AS principal ON principal.id = run.principal_id
JOIN rollcall.memberships AS membership
	ON membership.principal_id = run.principal_id
	AND membership.first_run_id <= run.id
	AND (membership.ended_run_id IS NULL OR membership.ended_run_id > run.id)
WHERE run.state = 'complete';
--> statement-breakpoint
CREATE OR REPLACE VIEW rollcall.current_memberships AS
SELECT
	principal.name AS principal,
	membership.organization_id,
	membership.organization_name,
	membership.status,
	membership.roles,
	membership.permissions,
	membership.valid_from AS since,
	seen.finished_at AS seen_at,
	membership.membership_id,
	membership.two_factor_enforced,
	membership.api_access,
	membership.policies,
	membership.parent_organization
FROM rollcall.memberships AS membership
JOIN rollcall.principals AS principal ON principal.id = membership.principal_id
LEFT JOIN LATERAL (
	SELECT run.finished_at FROM rollcall.runs AS run
	WHERE run.principal_id = principal.id AND run.state = 'complete'
	ORDER BY run.id DESC LIMIT 1
) AS seen ON true
WHERE membership.ended_run_id IS NULL AND principal.retired_at IS NULL;
--> statement-breakpoint
-- A function cannot be given more columns: it is made anew, with the rights that it had.
DO $$ DECLARE
	had aclitem[] := (SELECT proacl FROM pg_proc WHERE oid = 'rollcall.memberships_as_of(timestamptz)'::regprocedure);
	reader record;
BEGIN
	DROP FUNCTION rollcall.memberships_as_of(timestamptz);
	CREATE FUNCTION rollcall.memberships_as_of(instant timestamptz)
	RETURNS TABLE (
		principal text,
		organization_id text,
		organization_name text,
		status text,
		roles text[],
		permissions text[],
		since timestamptz,
		seen_at timestamptz,
		membership_id text,
		two_factor_enforced boolean,
		api_access boolean,
		policies text[],
		parent_organization text
	)
	LANGUAGE sql STABLE
	AS $body$
		SELECT
			known.name,
			membership.organization_id,
			membership.organization_name,
			membership.status,
			membership.roles,
			membership.permissions,
			membership.valid_from,
			known.seen_at,
			membership.membership_id,
			membership.two_factor_enforced,
			membership.api_access,
			membership.policies,
			membership.parent_organization
		FROM (
			SELECT one.id, one.name, (
				SELECT run.finished_at FROM rollcall.runs AS run
				WHERE run.principal_id = one.id AND run.state = 'complete' AND run.finished_at <= instant
				ORDER BY run.id DESC LIMIT 1
			) AS seen_at
			FROM rollcall.principals AS one
			WHERE one.retired_at IS NULL OR one.retired_at > instant
			OFFSET 0
		) AS known
		JOIN rollcall.memberships AS membership ON membership.principal_id = known.id
		WHERE membership.valid_from <= instant AND (membership.valid_to IS NULL OR membership.valid_to > instant)
	$body$;
	COMMENT ON FUNCTION rollcall.memberships_as_of(timestamptz) IS 'The memberships known at that instant, as in current_memberships; seen_at is the end of the newest complete run before it.';
	IF had IS NOT NULL THEN
		IF NOT EXISTS (SELECT FROM aclexplode(had) WHERE grantee = 0) THEN
			REVOKE EXECUTE ON FUNCTION rollcall.memberships_as_of(timestamptz) FROM PUBLIC;
		END IF;
		FOR reader IN
			SELECT rolname, is_grantable FROM aclexplode(had) JOIN pg_roles ON pg_roles.oid = grantee
		LOOP
			EXECUTE format(
				'GRANT EXECUTE ON FUNCTION rollcall.memberships_as_of(timestamptz) TO %I%s',
				reader.rolname, CASE WHEN reader.is_grantable THEN ' WITH GRANT OPTION' END
			);
		END LOOP;
	END IF;
END $$;
--> statement-breakpoint
-- What is added means the same in the tables and the views.
DO $$ DECLARE
	added record;
	relation text;
BEGIN
	FOR added IN
		SELECT * FROM (VALUES
			('membership_id', 'The membership''s own id; null where it was read from organizations.'),
			('two_factor_enforced', 'Whether the organization enforces two factors; null where that is not known, as all that only memberships tells.'),
			('api_access', 'Whether the user may use the API there; null where that is not known.'),
			('policies', 'What each policy allows or denies and where, one line each, sorted and without repeats; null where that is not known.'),
			('parent_organization', 'The organization above it: its name and id, or none; null where that is not known.')
		) AS meant (name, meaning)
	LOOP
		FOREACH relation IN ARRAY ARRAY['memberships', 'held_memberships', 'snapshots', 'current_memberships'] LOOP
			EXECUTE format('COMMENT ON COLUMN rollcall.%I.%I IS %L', relation, added.name, added.meaning);
		END LOOP;
	END LOOP;
END $$;
