ALTER TABLE "rollcall"."reports" DROP CONSTRAINT "reports_about_a_run_unless_digest";--> statement-breakpoint
DROP INDEX "rollcall"."deliveries_owed";--> statement-breakpoint
ALTER TABLE "rollcall"."deliveries" ADD COLUMN "owed_since" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "rollcall"."reports" ADD COLUMN "slot" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "deliveries_owed" ON "rollcall"."deliveries" USING btree ("owed_since") WHERE "rollcall"."deliveries"."state" in ('pending', 'unknown');--> statement-breakpoint
ALTER TABLE "rollcall"."deliveries" DROP COLUMN "next_attempt_at";--> statement-breakpoint
ALTER TABLE "rollcall"."deliveries" DROP COLUMN "leased_until";--> statement-breakpoint
ALTER TABLE "rollcall"."reports" ADD CONSTRAINT "reports_about_a_run_or_its_absence" CHECK ("rollcall"."reports"."run_id" is not null or "rollcall"."reports"."kind" = 'digest' or ("rollcall"."reports"."kind" = 'failure' and "rollcall"."reports"."principal_id" is not null));--> statement-breakpoint
ALTER TABLE "rollcall"."reports" ADD CONSTRAINT "reports_digest_has_a_slot" CHECK (("rollcall"."reports"."kind" = 'digest') = ("rollcall"."reports"."slot" is not null));