-- Custom SQL migration: the view tells the invitation behind a change too. New columns stand at the right.
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
	change.gone_because
FROM rollcall.changes AS change
JOIN rollcall.runs AS run ON run.id = change.run_id
JOIN rollcall.principals AS principal ON principal.id = change.principal_id;
