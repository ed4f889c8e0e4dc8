CREATE SCHEMA IF NOT EXISTS "rollcall";
--> statement-breakpoint
CREATE TABLE "rollcall"."changes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."changes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" bigint NOT NULL,
	"baseline_run_id" bigint NOT NULL,
	"principal_id" bigint NOT NULL,
	"organization_id" text NOT NULL,
	"organization_name" text,
	"category" text NOT NULL,
	"kind" text NOT NULL,
	"before" text,
	"after" text,
	"added" text[] DEFAULT '{}' NOT NULL,
	"removed" text[] DEFAULT '{}' NOT NULL,
	"not_before" timestamp with time zone NOT NULL,
	"not_after" timestamp with time zone NOT NULL,
	"returning" boolean DEFAULT false NOT NULL,
	"by_us" boolean DEFAULT false NOT NULL,
	CONSTRAINT "changes_each_once" UNIQUE("run_id","organization_id","kind"),
	CONSTRAINT "changes_baseline_is_earlier" CHECK ("rollcall"."changes"."baseline_run_id" < "rollcall"."changes"."run_id"),
	CONSTRAINT "changes_window_forward" CHECK ("rollcall"."changes"."not_before" <= "rollcall"."changes"."not_after"),
	CONSTRAINT "changes_kind_fits_category" CHECK (("rollcall"."changes"."category" = 'membership' and "rollcall"."changes"."kind" in ('joined', 'left', 'status_changed', 'roles_changed', 'permissions_changed', 'renamed')) or ("rollcall"."changes"."category" = 'invitation' and "rollcall"."changes"."kind" in ('invited', 'invitation_accepted', 'invitation_gone', 'invitation_replaced_membership')))
);
--> statement-breakpoint
CREATE TABLE "rollcall"."deliveries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."deliveries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"report_id" bigint NOT NULL,
	"recipient" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"message_id" text NOT NULL,
	"sent_at" timestamp with time zone,
	"last_error" text,
	"next_attempt_at" timestamp with time zone DEFAULT now() NOT NULL,
	"leased_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "deliveries_messageId_unique" UNIQUE("message_id"),
	CONSTRAINT "deliveries_state_known" CHECK ("rollcall"."deliveries"."state" in ('pending', 'sent', 'failed', 'unknown')),
	CONSTRAINT "deliveries_sent_say_when" CHECK (("rollcall"."deliveries"."state" = 'sent') = ("rollcall"."deliveries"."sent_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "rollcall"."departures" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."departures_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"principal_id" bigint NOT NULL,
	"organization_id" text NOT NULL,
	"organization_name" text,
	"requested_at" timestamp with time zone NOT NULL,
	"outcome" text DEFAULT 'unknown' NOT NULL,
	CONSTRAINT "departures_outcome_known" CHECK ("rollcall"."departures"."outcome" in ('unknown', 'left', 'refused'))
);
--> statement-breakpoint
CREATE TABLE "rollcall"."memberships" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."memberships_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"principal_id" bigint NOT NULL,
	"organization_id" text NOT NULL,
	"organization_name" text,
	"status" text,
	"roles" text[],
	"permissions" text[],
	"first_run_id" bigint NOT NULL,
	"ended_run_id" bigint,
	"valid_from" timestamp with time zone NOT NULL,
	"valid_to" timestamp with time zone,
	CONSTRAINT "memberships_open_or_ended" CHECK (("rollcall"."memberships"."ended_run_id" is null) = ("rollcall"."memberships"."valid_to" is null)),
	CONSTRAINT "memberships_valid_forward" CHECK ("rollcall"."memberships"."valid_to" > "rollcall"."memberships"."valid_from"),
	CONSTRAINT "memberships_ended_by_a_later_run" CHECK ("rollcall"."memberships"."ended_run_id" > "rollcall"."memberships"."first_run_id")
);
--> statement-breakpoint
CREATE TABLE "rollcall"."principals" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."principals_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "principals_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "rollcall"."reports" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."reports_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" bigint,
	"principal_id" bigint,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"text" text NOT NULL,
	"html" text NOT NULL,
	"csv" text,
	"csv_sha256" text,
	"csv_filename" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "reports_kind_known" CHECK ("rollcall"."reports"."kind" in ('changes', 'baseline', 'held', 'failure', 'recovery', 'digest')),
	CONSTRAINT "reports_csv_whole" CHECK (num_nulls("rollcall"."reports"."csv", "rollcall"."reports"."csv_sha256", "rollcall"."reports"."csv_filename") in (0, 3)),
	CONSTRAINT "reports_about_a_run_unless_digest" CHECK ("rollcall"."reports"."kind" = 'digest' or "rollcall"."reports"."run_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "rollcall"."runs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."runs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"principal_id" bigint NOT NULL,
	"slot" timestamp with time zone,
	"trigger" text NOT NULL,
	"state" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"baseline_run_id" bigint,
	"organizations" integer,
	"changes" integer,
	"requests" integer DEFAULT 0 NOT NULL,
	"retries" integer DEFAULT 0 NOT NULL,
	"listings" integer DEFAULT 0 NOT NULL,
	"pages" integer DEFAULT 0 NOT NULL,
	"error" text,
	"digest" text,
	"chain" text,
	"worker" text,
	"heartbeat_at" timestamp with time zone DEFAULT now() NOT NULL,
	"abandoned" boolean DEFAULT false NOT NULL,
	CONSTRAINT "runs_principal_id_id_key" UNIQUE("principal_id","id"),
	CONSTRAINT "runs_trigger_known" CHECK ("rollcall"."runs"."trigger" in ('schedule', 'catch_up', 'manual')),
	CONSTRAINT "runs_state_known" CHECK ("rollcall"."runs"."state" in ('running', 'complete', 'incomplete', 'failed', 'timed_out', 'held', 'rejected')),
	CONSTRAINT "runs_slot_unless_manual" CHECK (("rollcall"."runs"."trigger" = 'manual') = ("rollcall"."runs"."slot" is null)),
	CONSTRAINT "runs_running_until_finished" CHECK (("rollcall"."runs"."state" = 'running') = ("rollcall"."runs"."finished_at" is null)),
	CONSTRAINT "runs_finish_after_start" CHECK ("rollcall"."runs"."finished_at" >= "rollcall"."runs"."started_at"),
	CONSTRAINT "runs_complete_have_a_snapshot" CHECK ("rollcall"."runs"."state" <> 'complete' or ("rollcall"."runs"."organizations" is not null and "rollcall"."runs"."changes" is not null and "rollcall"."runs"."digest" is not null and "rollcall"."runs"."chain" is not null)),
	CONSTRAINT "runs_ended_short_say_why" CHECK ("rollcall"."runs"."state" not in ('incomplete', 'failed', 'timed_out') or "rollcall"."runs"."error" is not null),
	CONSTRAINT "runs_only_complete_extend_the_chain" CHECK ("rollcall"."runs"."state" = 'complete' or "rollcall"."runs"."chain" is null),
	CONSTRAINT "runs_baseline_is_earlier" CHECK ("rollcall"."runs"."baseline_run_id" < "rollcall"."runs"."id")
);
--> statement-breakpoint
ALTER TABLE "rollcall"."changes" ADD CONSTRAINT "changes_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "rollcall"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."changes" ADD CONSTRAINT "changes_run_fkey" FOREIGN KEY ("principal_id","run_id") REFERENCES "rollcall"."runs"("principal_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."changes" ADD CONSTRAINT "changes_baseline_run_fkey" FOREIGN KEY ("principal_id","baseline_run_id") REFERENCES "rollcall"."runs"("principal_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."deliveries" ADD CONSTRAINT "deliveries_report_id_reports_id_fk" FOREIGN KEY ("report_id") REFERENCES "rollcall"."reports"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."departures" ADD CONSTRAINT "departures_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "rollcall"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD CONSTRAINT "memberships_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "rollcall"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD CONSTRAINT "memberships_first_run_fkey" FOREIGN KEY ("principal_id","first_run_id") REFERENCES "rollcall"."runs"("principal_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."memberships" ADD CONSTRAINT "memberships_ended_run_fkey" FOREIGN KEY ("principal_id","ended_run_id") REFERENCES "rollcall"."runs"("principal_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."reports" ADD CONSTRAINT "reports_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "rollcall"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."reports" ADD CONSTRAINT "reports_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "rollcall"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD CONSTRAINT "runs_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "rollcall"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD CONSTRAINT "runs_baseline_fkey" FOREIGN KEY ("principal_id","baseline_run_id") REFERENCES "rollcall"."runs"("principal_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "changes_by_organization" ON "rollcall"."changes" USING btree ("organization_id");--> statement-breakpoint
CREATE UNIQUE INDEX "deliveries_once_to_each_recipient" ON "rollcall"."deliveries" USING btree ("report_id",lower("recipient"));--> statement-breakpoint
CREATE INDEX "deliveries_owed" ON "rollcall"."deliveries" USING btree ("next_attempt_at") WHERE "rollcall"."deliveries"."state" in ('pending', 'unknown');--> statement-breakpoint
CREATE INDEX "departures_by_organization" ON "rollcall"."departures" USING btree ("principal_id","organization_id");--> statement-breakpoint
CREATE UNIQUE INDEX "memberships_one_open_for_each_organization" ON "rollcall"."memberships" USING btree ("principal_id","organization_id") WHERE "rollcall"."memberships"."ended_run_id" is null;--> statement-breakpoint
CREATE INDEX "memberships_by_organization" ON "rollcall"."memberships" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "reports_by_run" ON "rollcall"."reports" USING btree ("run_id");--> statement-breakpoint
CREATE UNIQUE INDEX "runs_one_for_each_slot" ON "rollcall"."runs" USING btree ("principal_id","slot") WHERE not "rollcall"."runs"."abandoned";--> statement-breakpoint
CREATE UNIQUE INDEX "runs_one_running_for_each_principal" ON "rollcall"."runs" USING btree ("principal_id") WHERE "rollcall"."runs"."state" = 'running';