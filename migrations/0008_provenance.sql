CREATE TABLE "rollcall"."checkpoints" (
	"principal_id" bigint PRIMARY KEY NOT NULL,
	"run_id" bigint NOT NULL,
	"previous_chain" text,
	"baseline_run_id" bigint,
	"roll_digest" text NOT NULL,
	"made_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "rollcall"."changes" DROP CONSTRAINT "changes_run_fkey";
--> statement-breakpoint
ALTER TABLE "rollcall"."changes" DROP CONSTRAINT "changes_baseline_run_fkey";
--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" DROP CONSTRAINT "memberships_first_run_fkey";
--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" DROP CONSTRAINT "memberships_ended_run_fkey";
--> statement-breakpoint
ALTER TABLE "rollcall"."reports" ADD COLUMN "seal" text;
--> statement-breakpoint
ALTER TABLE "rollcall"."reports" ADD COLUMN "linked_by" bigint;
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD COLUMN "records_digest" text;
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD COLUMN "seal" text;
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD COLUMN "linked_by" bigint;
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD COLUMN "complete_id" bigint GENERATED ALWAYS AS (case when state = 'complete' then id end) STORED;
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD CONSTRAINT "runs_complete_key" UNIQUE("principal_id","complete_id");
--> statement-breakpoint
ALTER TABLE "rollcall"."checkpoints" ADD CONSTRAINT "checkpoints_run_fkey" FOREIGN KEY ("principal_id","run_id") REFERENCES "rollcall"."runs"("principal_id","complete_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
-- What is of a run refers to a complete one, and is checked when the transaction ends that makes the run complete.
ALTER TABLE "rollcall"."changes" ADD CONSTRAINT "changes_run_fkey" FOREIGN KEY ("principal_id","run_id") REFERENCES "rollcall"."runs"("principal_id","complete_id") ON DELETE no action ON UPDATE no action DEFERRABLE INITIALLY DEFERRED;
--> statement-breakpoint
ALTER TABLE "rollcall"."changes" ADD CONSTRAINT "changes_baseline_run_fkey" FOREIGN KEY ("principal_id","baseline_run_id") REFERENCES "rollcall"."runs"("principal_id","complete_id") ON DELETE no action ON UPDATE no action DEFERRABLE INITIALLY DEFERRED;
--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD CONSTRAINT "memberships_first_run_fkey" FOREIGN KEY ("principal_id","first_run_id") REFERENCES "rollcall"."runs"("principal_id","complete_id") ON DELETE no action ON UPDATE no action DEFERRABLE INITIALLY DEFERRED;
--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD CONSTRAINT "memberships_ended_run_fkey" FOREIGN KEY ("principal_id","ended_run_id") REFERENCES "rollcall"."runs"("principal_id","complete_id") ON DELETE no action ON UPDATE no action DEFERRABLE INITIALLY DEFERRED;
--> statement-breakpoint
ALTER TABLE "rollcall"."reports" ADD CONSTRAINT "reports_linked_by_fkey" FOREIGN KEY ("principal_id","linked_by") REFERENCES "rollcall"."runs"("principal_id","complete_id") ON DELETE no action ON UPDATE no action DEFERRABLE INITIALLY DEFERRED;
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD CONSTRAINT "runs_linked_by_fkey" FOREIGN KEY ("principal_id","linked_by") REFERENCES "rollcall"."runs"("principal_id","complete_id") ON DELETE no action ON UPDATE no action DEFERRABLE INITIALLY DEFERRED;
--> statement-breakpoint
CREATE INDEX "reports_not_linked" ON "rollcall"."reports" USING btree ("principal_id") WHERE "rollcall"."reports"."linked_by" is null and "rollcall"."reports"."principal_id" is not null;
--> statement-breakpoint
CREATE INDEX "runs_not_linked" ON "rollcall"."runs" USING btree ("principal_id") WHERE "rollcall"."runs"."linked_by" is null and "rollcall"."runs"."state" not in ('running', 'complete');
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD CONSTRAINT "runs_only_complete_link_others" CHECK ("rollcall"."runs"."state" = 'complete' or "rollcall"."runs"."records_digest" is null);
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD CONSTRAINT "runs_seal_once_ended" CHECK ("rollcall"."runs"."seal" is null or "rollcall"."runs"."state" not in ('running', 'complete'));
--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD CONSTRAINT "runs_linked_by_a_later_run" CHECK ("rollcall"."runs"."linked_by" is null or ("rollcall"."runs"."seal" is not null and "rollcall"."runs"."linked_by" > "rollcall"."runs"."id"));
--> statement-breakpoint
-- Pruning takes the first interval of a membership away, or the first runs, and then tells the next that it is the first.
ALTER TABLE rollcall.memberships ALTER CONSTRAINT memberships_previous_fkey DEFERRABLE INITIALLY IMMEDIATE;
--> statement-breakpoint
ALTER TABLE rollcall.runs ALTER CONSTRAINT runs_baseline_fkey DEFERRABLE INITIALLY IMMEDIATE;
--> statement-breakpoint
ALTER TABLE rollcall.runs ALTER CONSTRAINT runs_superseded_by_fkey DEFERRABLE INITIALLY IMMEDIATE;
--> statement-breakpoint
CREATE INDEX "memberships_by_first_run" ON "rollcall"."memberships" USING btree ("principal_id","first_run_id");
--> statement-breakpoint
CREATE INDEX "memberships_by_ended_run" ON "rollcall"."memberships" USING btree ("principal_id","ended_run_id");
