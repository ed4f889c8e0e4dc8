-- The newest run before the instant is looked for once for each principal. Without statistics of the tables, as in the embedded
-- database, it was looked for once for each membership.
CREATE OR REPLACE FUNCTION rollcall.memberships_as_of(instant timestamptz)
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
		known.name,
		membership.organization_id,
		membership.organization_name,
		membership.status,
		membership.roles,
		membership.permissions,
		membership.valid_from,
		known.seen_at
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
$$;
