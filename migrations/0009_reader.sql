-- Custom SQL migration: says in the database what is in it, in the words of docs/history.md, for \d+ and dashboards.
-- Whoever may make what is in the schema need not own it.
DO $$ BEGIN
	COMMENT ON SCHEMA rollcall IS 'The history that rollcall keeps of memberships in Cloudflare organizations; docs/history.md tells how to ask it.';
EXCEPTION WHEN insufficient_privilege THEN
	NULL;
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.principals IS 'One row for each principal: a Cloudflare user whose organizations are audited.';
	COMMENT ON COLUMN rollcall.principals.id IS 'Number of the principal, which a rename keeps.';
	COMMENT ON COLUMN rollcall.principals.name IS 'Its name in the configuration.';
	COMMENT ON COLUMN rollcall.principals.cloudflare_user_id IS 'The Cloudflare user that it is; null where the credentials may not read it.';
	COMMENT ON COLUMN rollcall.principals.created_at IS 'When it was first heard of; rollcall''s own.';
	COMMENT ON COLUMN rollcall.principals.retired_at IS 'Since when it is audited no more; null while it is audited.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.runs IS 'One row for each run: one execution of the snapshot job for one principal.';
	COMMENT ON COLUMN rollcall.runs.id IS 'The number that mails and commands call the run by.';
	COMMENT ON COLUMN rollcall.runs.principal_id IS 'The principal that it was of.';
	COMMENT ON COLUMN rollcall.runs.slot IS 'When it was due; null when it was started by hand.';
	COMMENT ON COLUMN rollcall.runs.trigger IS 'Why it was started: schedule, catch_up or manual.';
	COMMENT ON COLUMN rollcall.runs.state IS 'How it stands: running, complete, incomplete, failed, timed_out, held, rejected or superseded.';
	COMMENT ON COLUMN rollcall.runs.source IS 'What it was read from: organizations or memberships.';
	COMMENT ON COLUMN rollcall.runs.started_at IS 'When it began.';
	COMMENT ON COLUMN rollcall.runs.finished_at IS 'When it ended; null while it runs.';
	COMMENT ON COLUMN rollcall.runs.baseline_run_id IS 'The complete run that it was compared with; null for a principal''s first.';
	COMMENT ON COLUMN rollcall.runs.organizations IS 'How many organizations it saw.';
	COMMENT ON COLUMN rollcall.runs.members IS 'How many of them it was a member of; null for runs of older versions; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.invited IS 'How many of them it was invited to; null for runs of older versions; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.changes IS 'How many changes it stored.';
	COMMENT ON COLUMN rollcall.runs.requests IS 'How many requests it made to the API, repeated ones included.';
	COMMENT ON COLUMN rollcall.runs.retries IS 'How many of them were repeated ones; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.listings IS 'How many listings it read; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.pages IS 'How many pages it read; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.error IS 'What went wrong, or why it is held.';
	COMMENT ON COLUMN rollcall.runs.conclusion IS 'What its snapshot rests on, or what became of it while it was held.';
	COMMENT ON COLUMN rollcall.runs.proof IS 'Every reading of the listing, as JSON: what proves it complete, or what did not add up.';
	COMMENT ON COLUMN rollcall.runs.cloudflare_user_id IS 'The Cloudflare user that answered; null where the credentials may not read it.';
	COMMENT ON COLUMN rollcall.runs.digest IS 'SHA-256 of its snapshot, in hex.';
	COMMENT ON COLUMN rollcall.runs.digest_version IS 'The recipe that digest and chain were made by.';
	COMMENT ON COLUMN rollcall.runs.changes_digest IS 'SHA-256 of its changes, in hex; null under the first recipe; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.records_digest IS 'SHA-256 of the seals that its link covers, in hex; null where there are none; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.chain IS 'SHA-256 over the chain of the complete run before and this run, in hex.';
	COMMENT ON COLUMN rollcall.runs.chained_name IS 'The principal''s name that a link of the first recipe covers; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.seal IS 'SHA-256 of a run that ended otherwise than complete, in hex; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.linked_by IS 'The complete run whose link covers the seal; null until there is one; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.complete_id IS 'The id of a complete run, null of any other; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.superseded_by IS 'The later run that took the place of a held one; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.worker IS 'The process that ran it: host, process id and a nonce; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.heartbeat_at IS 'When its process last gave a sign of life; rollcall''s own.';
	COMMENT ON COLUMN rollcall.runs.abandoned IS 'Whether another run may take its slot; rollcall''s own.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.memberships IS 'One row for each interval in which a membership stayed as it was.';
	COMMENT ON COLUMN rollcall.memberships.id IS 'Number of the interval; rollcall''s own.';
	COMMENT ON COLUMN rollcall.memberships.principal_id IS 'The principal whose membership it is.';
	COMMENT ON COLUMN rollcall.memberships.organization_id IS 'Cloudflare''s id of the organization.';
	COMMENT ON COLUMN rollcall.memberships.organization_name IS 'The organization''s name in this interval.';
	COMMENT ON COLUMN rollcall.memberships.status IS 'member, invited, or one that rollcall does not know; only member gives access.';
	COMMENT ON COLUMN rollcall.memberships.roles IS 'The roles, sorted and without repeats.';
	COMMENT ON COLUMN rollcall.memberships.permissions IS 'The permissions, sorted and without repeats.';
	COMMENT ON COLUMN rollcall.memberships.first_run_id IS 'The first run that saw it so.';
	COMMENT ON COLUMN rollcall.memberships.ended_run_id IS 'The first run that no longer saw it so; null while the interval is open.';
	COMMENT ON COLUMN rollcall.memberships.valid_from IS 'When the first run saw it so; the change itself lies in its window.';
	COMMENT ON COLUMN rollcall.memberships.valid_to IS 'When that ended; null while the interval is open.';
	COMMENT ON COLUMN rollcall.memberships.previous_valid_to IS 'When the interval before it ended; null for the first of a membership; rollcall''s own.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.changes IS 'One row for each difference of one membership between two snapshots.';
	COMMENT ON COLUMN rollcall.changes.id IS 'Number of the change.';
	COMMENT ON COLUMN rollcall.changes.run_id IS 'The run that saw it.';
	COMMENT ON COLUMN rollcall.changes.baseline_run_id IS 'The run that it was compared with.';
	COMMENT ON COLUMN rollcall.changes.principal_id IS 'The principal whose membership changed.';
	COMMENT ON COLUMN rollcall.changes.organization_id IS 'Cloudflare''s id of the organization.';
	COMMENT ON COLUMN rollcall.changes.organization_name IS 'The organization''s name after the change, or the last one known.';
	COMMENT ON COLUMN rollcall.changes.category IS 'membership or invitation.';
	COMMENT ON COLUMN rollcall.changes.kind IS 'What happened: joined, left, invited, roles_changed and others.';
	COMMENT ON COLUMN rollcall.changes.before IS 'How it was: a status, absent, unknown, a name, or a set joined by semicolons, by kind.';
	COMMENT ON COLUMN rollcall.changes.after IS 'How it is: a status, absent, unknown, a name, or a set joined by semicolons, by kind.';
	COMMENT ON COLUMN rollcall.changes.added IS 'What the principal may do now and could not before.';
	COMMENT ON COLUMN rollcall.changes.removed IS 'What the principal could do before and may not now.';
	COMMENT ON COLUMN rollcall.changes.not_before IS 'The window in which it happened opens: when the baseline''s run began.';
	COMMENT ON COLUMN rollcall.changes.not_after IS 'The window in which it happened closes: when this run had seen it.';
	COMMENT ON COLUMN rollcall.changes."returning" IS 'Whether the principal was in this organization before.';
	COMMENT ON COLUMN rollcall.changes.by_us IS 'Whether we left it, with rollcall organizations leave.';
	COMMENT ON COLUMN rollcall.changes.invited_by IS 'Who sent the invitation that it is about, where Cloudflare lets one read it.';
	COMMENT ON COLUMN rollcall.changes.invited_on IS 'When the invitation was sent, where Cloudflare lets one read it.';
	COMMENT ON COLUMN rollcall.changes.expires_on IS 'Until when the invitation holds, where Cloudflare lets one read it.';
	COMMENT ON COLUMN rollcall.changes.gone_because IS 'Why an invitation is gone: expired, declined or withdrawn; null where that is not known.';
	COMMENT ON COLUMN rollcall.changes.offered IS 'The roles that an invitation offers after, or offered before where there is none after.';
	COMMENT ON COLUMN rollcall.changes.super_administrator IS 'What happened to that role: gained, lost, offered or offer_gone; null when nothing did.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.invitations IS 'One row for each invitation as last seen, where Cloudflare lets one read them.';
	COMMENT ON COLUMN rollcall.invitations.id IS 'Number of the invitation; rollcall''s own.';
	COMMENT ON COLUMN rollcall.invitations.principal_id IS 'The principal that is invited.';
	COMMENT ON COLUMN rollcall.invitations.organization_id IS 'Cloudflare''s id of the organization.';
	COMMENT ON COLUMN rollcall.invitations.invite_id IS 'Cloudflare''s own id of the invitation.';
	COMMENT ON COLUMN rollcall.invitations.invited_by IS 'The address of who sent it.';
	COMMENT ON COLUMN rollcall.invitations.invited_on IS 'When it was sent.';
	COMMENT ON COLUMN rollcall.invitations.expires_on IS 'Until when it holds.';
	COMMENT ON COLUMN rollcall.invitations.status IS 'pending, accepted, rejected, expired, or one that rollcall does not know.';
	COMMENT ON COLUMN rollcall.invitations.last_run_id IS 'The newest run that saw it.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.reports IS 'One row for each report: what is said about a run.';
	COMMENT ON COLUMN rollcall.reports.id IS 'Number of the report.';
	COMMENT ON COLUMN rollcall.reports.run_id IS 'The run that it is about; null for a digest, and for a failure that tells of silence.';
	COMMENT ON COLUMN rollcall.reports.principal_id IS 'The principal that it is about; null for a digest; rollcall''s own.';
	COMMENT ON COLUMN rollcall.reports.kind IS 'changes, baseline, held, failure, recovery or digest.';
	COMMENT ON COLUMN rollcall.reports.subject IS 'The subject of its mail.';
	COMMENT ON COLUMN rollcall.reports.text IS 'The plain text of its mail; rollcall''s own.';
	COMMENT ON COLUMN rollcall.reports.html IS 'The HTML of its mail; rollcall''s own.';
	COMMENT ON COLUMN rollcall.reports.csv IS 'The file that goes with it; null for a report that has no changes to list.';
	COMMENT ON COLUMN rollcall.reports.csv_sha256 IS 'SHA-256 of the file as it is mailed, in hex, as in the mail''s foot.';
	COMMENT ON COLUMN rollcall.reports.csv_filename IS 'The name of the file; rollcall''s own.';
	COMMENT ON COLUMN rollcall.reports.slot IS 'When a digest was due; null for other reports; rollcall''s own.';
	COMMENT ON COLUMN rollcall.reports.created_at IS 'When it was made; rollcall''s own.';
	COMMENT ON COLUMN rollcall.reports.seal IS 'SHA-256 of all that it says, in hex; rollcall''s own.';
	COMMENT ON COLUMN rollcall.reports.linked_by IS 'The complete run whose link covers the seal; null until there is one; rollcall''s own.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.deliveries IS 'One row for each report and recipient: the ledger of all mail.';
	COMMENT ON COLUMN rollcall.deliveries.id IS 'Number of the delivery.';
	COMMENT ON COLUMN rollcall.deliveries.report_id IS 'The report that is delivered.';
	COMMENT ON COLUMN rollcall.deliveries.recipient IS 'The address that it goes to.';
	COMMENT ON COLUMN rollcall.deliveries.state IS 'How it stands: pending, sent, failed or unknown.';
	COMMENT ON COLUMN rollcall.deliveries.attempts IS 'How often it was tried.';
	COMMENT ON COLUMN rollcall.deliveries.message_id IS 'Its Message-ID, the same at every attempt.';
	COMMENT ON COLUMN rollcall.deliveries.sent_at IS 'When it was sent; null until then.';
	COMMENT ON COLUMN rollcall.deliveries.last_error IS 'What the last attempt met; once it is sent, why its file is not in it.';
	COMMENT ON COLUMN rollcall.deliveries.owed_since IS 'Since when it is to be sent; rollcall''s own.';
	COMMENT ON COLUMN rollcall.deliveries.created_at IS 'When it was made; rollcall''s own.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.workers IS 'One row for each process that runs jobs, by the clock of the database.';
	COMMENT ON COLUMN rollcall.workers.name IS 'Its host, process id and a nonce, as in runs.worker.';
	COMMENT ON COLUMN rollcall.workers.version IS 'The version of its rollcall.';
	COMMENT ON COLUMN rollcall.workers.configuration IS 'A hash of what it is configured with; rollcall''s own.';
	COMMENT ON COLUMN rollcall.workers.schedule IS 'Its schedule, as a cron expression; rollcall''s own.';
	COMMENT ON COLUMN rollcall.workers.timezone IS 'The time zone of its schedule; rollcall''s own.';
	COMMENT ON COLUMN rollcall.workers.started_at IS 'When it began.';
	COMMENT ON COLUMN rollcall.workers.seen_at IS 'When it last said that it lives.';
	COMMENT ON COLUMN rollcall.workers.ended_at IS 'When it said that it ends; null while it runs, and where it was killed; rollcall''s own.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.checkpoints IS 'One row for each principal of which old history was deleted: where its history begins now; rollcall''s own.';
	COMMENT ON COLUMN rollcall.checkpoints.principal_id IS 'The principal.';
	COMMENT ON COLUMN rollcall.checkpoints.run_id IS 'The complete run with which its history begins.';
	COMMENT ON COLUMN rollcall.checkpoints.previous_chain IS 'The chain of the complete run before it.';
	COMMENT ON COLUMN rollcall.checkpoints.baseline_run_id IS 'The id of the complete run before it.';
	COMMENT ON COLUMN rollcall.checkpoints.roll_digest IS 'SHA-256 of the memberships that it began with, in hex.';
	COMMENT ON COLUMN rollcall.checkpoints.made_at IS 'When older history was deleted.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.held_memberships IS 'One row for each membership that a held run saw otherwise than its baseline; rollcall''s own.';
	COMMENT ON COLUMN rollcall.held_memberships.run_id IS 'The held run.';
	COMMENT ON COLUMN rollcall.held_memberships.organization_id IS 'Cloudflare''s id of the organization.';
	COMMENT ON COLUMN rollcall.held_memberships.organization_name IS 'The organization''s name.';
	COMMENT ON COLUMN rollcall.held_memberships.status IS 'member, invited, or one that rollcall does not know.';
	COMMENT ON COLUMN rollcall.held_memberships.roles IS 'The roles, sorted and without repeats.';
	COMMENT ON COLUMN rollcall.held_memberships.permissions IS 'The permissions, sorted and without repeats.';
	COMMENT ON COLUMN rollcall.held_memberships.is_listed IS 'Whether the run saw it; if not, it is gone.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.departures IS 'One row for each time that rollcall organizations leave was used; rollcall''s own.';
	COMMENT ON COLUMN rollcall.departures.id IS 'Number of the departure.';
	COMMENT ON COLUMN rollcall.departures.principal_id IS 'The principal that left.';
	COMMENT ON COLUMN rollcall.departures.organization_id IS 'Cloudflare''s id of the organization.';
	COMMENT ON COLUMN rollcall.departures.organization_name IS 'The organization''s name.';
	COMMENT ON COLUMN rollcall.departures.requested_at IS 'When it was asked for.';
	COMMENT ON COLUMN rollcall.departures.outcome IS 'What the API said: left or refused; unknown while nobody can say.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.run_tallies IS 'How many runs of a principal ended in each state, counted as they end; rollcall''s own.';
	COMMENT ON COLUMN rollcall.run_tallies.principal_id IS 'The principal.';
	COMMENT ON COLUMN rollcall.run_tallies.state IS 'The state in which they ended.';
	COMMENT ON COLUMN rollcall.run_tallies.runs IS 'How many runs.';
	COMMENT ON COLUMN rollcall.run_tallies.requests IS 'How many requests they made.';
	COMMENT ON COLUMN rollcall.run_tallies.retries IS 'How many of the requests were repeated ones.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.change_tallies IS 'How many changes of each kind a principal had, counted as they are stored; rollcall''s own.';
	COMMENT ON COLUMN rollcall.change_tallies.principal_id IS 'The principal.';
	COMMENT ON COLUMN rollcall.change_tallies.kind IS 'The kind of change.';
	COMMENT ON COLUMN rollcall.change_tallies.changes IS 'How many changes.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.delivery_tallies IS 'How many deliveries are sent, counted as they are; rollcall''s own.';
	COMMENT ON COLUMN rollcall.delivery_tallies.state IS 'The state: sent.';
	COMMENT ON COLUMN rollcall.delivery_tallies.deliveries IS 'How many deliveries.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON TABLE rollcall.migrations IS 'One row for each migration that was applied to this schema; rollcall''s own.';
	COMMENT ON COLUMN rollcall.migrations.tag IS 'Its name.';
	COMMENT ON COLUMN rollcall.migrations.hash IS 'SHA-256 of its text, in hex.';
	COMMENT ON COLUMN rollcall.migrations.applied_at IS 'When it was applied.';
END $$;
--> statement-breakpoint
-- What a view takes from a table means the same there.
DO $$ DECLARE
	named record;
BEGIN
	COMMENT ON VIEW rollcall.snapshots IS 'One row for each complete run and membership that it saw.';
	COMMENT ON VIEW rollcall.current_memberships IS 'One row for each membership as the newest complete run saw it; retired principals are left out.';
	COMMENT ON VIEW rollcall.change_log IS 'One row for each change, with the name of the principal and the times of the run.';
	FOR named IN
		SELECT view_name, seen.attname, col_description(known.attrelid, known.attnum) AS meaning
		FROM (VALUES ('snapshots', 'memberships'), ('current_memberships', 'memberships'), ('change_log', 'changes')) AS taken (view_name, table_name)
		JOIN pg_attribute AS seen ON seen.attrelid = ('rollcall.' || view_name)::regclass
		JOIN pg_attribute AS known ON known.attrelid = ('rollcall.' || table_name)::regclass AND known.attname = seen.attname
	LOOP
		EXECUTE format('COMMENT ON COLUMN rollcall.%I.%I IS %L', named.view_name, named.attname, named.meaning);
	END LOOP;
	COMMENT ON COLUMN rollcall.snapshots.run_id IS 'The complete run that saw it.';
	COMMENT ON COLUMN rollcall.snapshots.principal IS 'The name of the principal.';
	COMMENT ON COLUMN rollcall.current_memberships.principal IS 'The name of the principal.';
	COMMENT ON COLUMN rollcall.current_memberships.since IS 'When it was first seen as it is now.';
	COMMENT ON COLUMN rollcall.current_memberships.seen_at IS 'When it was last seen: the end of the newest complete run.';
	COMMENT ON COLUMN rollcall.change_log.principal IS 'The name of the principal.';
	COMMENT ON COLUMN rollcall.change_log.slot IS 'When the run was due; null when it was started by hand.';
	COMMENT ON COLUMN rollcall.change_log.trigger IS 'Why the run was started: schedule, catch_up or manual.';
	COMMENT ON COLUMN rollcall.change_log.run_started_at IS 'When the run began.';
	COMMENT ON COLUMN rollcall.change_log.run_finished_at IS 'When the run ended.';
END $$;
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON FUNCTION rollcall.memberships_as_of(timestamptz) IS 'The memberships known at that instant, as in current_memberships; seen_at is the end of the newest complete run before it.';
	COMMENT ON FUNCTION rollcall.tally_runs() IS 'Counts runs in run_tallies as they end; rollcall''s own.';
	COMMENT ON FUNCTION rollcall.tally_changes() IS 'Counts changes in change_tallies as they are stored; rollcall''s own.';
	COMMENT ON FUNCTION rollcall.tally_deliveries() IS 'Counts deliveries in delivery_tallies as they are sent; rollcall''s own.';
END $$;
