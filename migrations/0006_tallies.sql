CREATE TABLE "rollcall"."change_tallies" (
	"principal_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"changes" bigint NOT NULL,
	CONSTRAINT "change_tallies_principal_id_kind_pk" PRIMARY KEY("principal_id","kind")
);
--> statement-breakpoint
CREATE TABLE "rollcall"."delivery_tallies" (
	"state" text PRIMARY KEY NOT NULL,
	"deliveries" bigint NOT NULL,
	CONSTRAINT "delivery_tallies_of_sent" CHECK ("rollcall"."delivery_tallies"."state" = 'sent')
);
--> statement-breakpoint
CREATE TABLE "rollcall"."run_tallies" (
	"principal_id" bigint NOT NULL,
	"state" text NOT NULL,
	"runs" bigint NOT NULL,
	"requests" bigint NOT NULL,
	"retries" bigint NOT NULL,
	CONSTRAINT "run_tallies_principal_id_state_pk" PRIMARY KEY("principal_id","state")
);
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD COLUMN "members" integer;--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD COLUMN "invited" integer;--> statement-breakpoint
ALTER TABLE "rollcall"."change_tallies" ADD CONSTRAINT "change_tallies_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "rollcall"."principals"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."run_tallies" ADD CONSTRAINT "run_tallies_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "rollcall"."principals"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "changes_by_time" ON "rollcall"."changes" USING btree ("not_after");--> statement-breakpoint
CREATE INDEX "deliveries_not_sent" ON "rollcall"."deliveries" USING btree ("state") WHERE "rollcall"."deliveries"."state" <> 'sent';--> statement-breakpoint
CREATE INDEX "reports_by_slot" ON "rollcall"."reports" USING btree ("slot") WHERE "rollcall"."reports"."slot" is not null;--> statement-breakpoint
CREATE INDEX "reports_of_trouble" ON "rollcall"."reports" USING btree ("principal_id","run_id","created_at") WHERE "rollcall"."reports"."kind" in ('failure', 'held');--> statement-breakpoint
CREATE INDEX "runs_by_start" ON "rollcall"."runs" USING btree ("started_at");--> statement-breakpoint
CREATE INDEX "runs_by_slot" ON "rollcall"."runs" USING btree ("slot","principal_id");--> statement-breakpoint
CREATE INDEX "runs_held" ON "rollcall"."runs" USING btree ("principal_id") WHERE "rollcall"."runs"."state" = 'held';--> statement-breakpoint
CREATE INDEX "runs_superseded" ON "rollcall"."runs" USING btree ("superseded_by") WHERE "rollcall"."runs"."superseded_by" is not null;--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD CONSTRAINT "runs_counts_add_up" CHECK ("rollcall"."runs"."members" + "rollcall"."runs"."invited" <= "rollcall"."runs"."organizations");--> statement-breakpoint
-- What is counted once stays counted: rows that are deleted later, as old ones are, make no counter fall. A run counts
-- from the moment at which it is no longer under way. Rows are counted in the order of their key, so that two statements
-- never wait for each other.
CREATE FUNCTION rollcall.tally_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- A claim or a heartbeat, of which there are many: they leave the tallies alone. No run that ended is ever under way again.
	IF NOT EXISTS (SELECT FROM after_rows WHERE state <> 'running') THEN
		RETURN NULL;
	END IF;
	IF TG_OP = 'INSERT' THEN
		INSERT INTO rollcall.run_tallies AS tally (principal_id, state, runs, requests, retries)
		SELECT principal_id, state, count(*), sum(requests), sum(retries)
		FROM after_rows WHERE state <> 'running'
		GROUP BY principal_id, state ORDER BY principal_id, state
		ON CONFLICT (principal_id, state) DO UPDATE SET
			runs = tally.runs + excluded.runs,
			requests = tally.requests + excluded.requests,
			retries = tally.retries + excluded.retries;
	ELSE
		INSERT INTO rollcall.run_tallies AS tally (principal_id, state, runs, requests, retries)
		SELECT principal_id, state, sum(sign), sum(sign * requests), sum(sign * retries)
		FROM (
			SELECT principal_id, state, requests, retries, 1 AS sign FROM after_rows
			UNION ALL
			SELECT principal_id, state, requests, retries, -1 FROM before_rows
		) AS counted
		WHERE state <> 'running'
		GROUP BY principal_id, state
		HAVING sum(sign) <> 0 OR sum(sign * requests) <> 0 OR sum(sign * retries) <> 0
		ORDER BY principal_id, state
		ON CONFLICT (principal_id, state) DO UPDATE SET
			runs = tally.runs + excluded.runs,
			requests = tally.requests + excluded.requests,
			retries = tally.retries + excluded.retries;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER runs_tally_new AFTER INSERT ON rollcall.runs
REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION rollcall.tally_runs();
--> statement-breakpoint
CREATE TRIGGER runs_tally_ended AFTER UPDATE ON rollcall.runs
REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION rollcall.tally_runs();
--> statement-breakpoint
CREATE FUNCTION rollcall.tally_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		INSERT INTO rollcall.change_tallies AS tally (principal_id, kind, changes)
		SELECT principal_id, kind, count(*) FROM after_rows
		GROUP BY principal_id, kind ORDER BY principal_id, kind
		ON CONFLICT (principal_id, kind) DO UPDATE SET changes = tally.changes + excluded.changes;
	ELSE
		INSERT INTO rollcall.change_tallies AS tally (principal_id, kind, changes)
		SELECT principal_id, kind, sum(sign)
		FROM (
			SELECT principal_id, kind, 1 AS sign FROM after_rows
			UNION ALL
			SELECT principal_id, kind, -1 FROM before_rows
		) AS counted
		GROUP BY principal_id, kind HAVING sum(sign) <> 0 ORDER BY principal_id, kind
		ON CONFLICT (principal_id, kind) DO UPDATE SET changes = tally.changes + excluded.changes;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER changes_tally_new AFTER INSERT ON rollcall.changes
REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION rollcall.tally_changes();
--> statement-breakpoint
CREATE TRIGGER changes_tally_corrected AFTER UPDATE ON rollcall.changes
REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION rollcall.tally_changes();
--> statement-breakpoint
-- How the ledger stands, which is no counter: what is deleted is no longer in it.
CREATE FUNCTION rollcall.tally_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	came bigint := 0;
	went bigint := 0;
BEGIN
	IF TG_OP <> 'DELETE' THEN
		SELECT count(*) INTO came FROM after_rows WHERE state = 'sent';
	END IF;
	IF TG_OP <> 'INSERT' THEN
		SELECT count(*) INTO went FROM before_rows WHERE state = 'sent';
	END IF;
	IF came <> went THEN
		INSERT INTO rollcall.delivery_tallies AS tally (state, deliveries) VALUES ('sent', came - went)
		ON CONFLICT (state) DO UPDATE SET deliveries = tally.deliveries + excluded.deliveries;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER deliveries_tally_new AFTER INSERT ON rollcall.deliveries
REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION rollcall.tally_deliveries();
--> statement-breakpoint
CREATE TRIGGER deliveries_tally_ended AFTER UPDATE ON rollcall.deliveries
REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION rollcall.tally_deliveries();
--> statement-breakpoint
CREATE TRIGGER deliveries_tally_deleted AFTER DELETE ON rollcall.deliveries
REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION rollcall.tally_deliveries();
--> statement-breakpoint
-- What is there: read once the triggers keep everybody else from adding to it until this is done.
INSERT INTO rollcall.run_tallies (principal_id, state, runs, requests, retries)
SELECT principal_id, state, count(*), sum(requests), sum(retries)
FROM rollcall.runs WHERE state <> 'running' GROUP BY principal_id, state;
--> statement-breakpoint
INSERT INTO rollcall.change_tallies (principal_id, kind, changes)
SELECT principal_id, kind, count(*) FROM rollcall.changes GROUP BY principal_id, kind;
--> statement-breakpoint
INSERT INTO rollcall.delivery_tallies (state, deliveries)
SELECT 'sent', count(*) FROM rollcall.deliveries WHERE state = 'sent';
--> statement-breakpoint
-- Only of the newest complete runs can it still be counted.
UPDATE rollcall.runs AS run SET members = standing.members, invited = standing.invited
FROM (
	SELECT
		newest.id,
		count(*) FILTER (WHERE membership.status = 'member') AS members,
		count(*) FILTER (WHERE membership.status = 'invited') AS invited
	FROM (
		SELECT principal_id, max(id) AS id FROM rollcall.runs WHERE state = 'complete' GROUP BY principal_id
	) AS newest
	LEFT JOIN rollcall.memberships AS membership
		ON membership.principal_id = newest.principal_id AND membership.ended_run_id IS NULL
	GROUP BY newest.id
) AS standing WHERE standing.id = run.id AND standing.members + standing.invited <= run.organizations;
