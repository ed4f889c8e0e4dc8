ALTER TABLE "rollcall"."reports" DROP CONSTRAINT "reports_kind_known";--> statement-breakpoint
ALTER TABLE "rollcall"."deliveries" ADD COLUMN "carrier" text DEFAULT 'mail' NOT NULL;--> statement-breakpoint
ALTER TABLE "rollcall"."deliveries" ADD COLUMN "with_file" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "rollcall"."reports" ADD COLUMN "json" text;--> statement-breakpoint
ALTER TABLE "rollcall"."deliveries" ADD CONSTRAINT "deliveries_carrier_known" CHECK ("rollcall"."deliveries"."carrier" in ('mail', 'webhook'));--> statement-breakpoint
ALTER TABLE "rollcall"."reports" ADD CONSTRAINT "reports_kind_known" CHECK ("rollcall"."reports"."kind" in ('changes', 'baseline', 'held', 'failure', 'recovery', 'digest', 'quiet'));
--> statement-breakpoint
DO $$ BEGIN
	COMMENT ON COLUMN rollcall.reports.kind IS 'changes, baseline, held, failure, recovery, digest or quiet.';
	COMMENT ON COLUMN rollcall.reports.json IS 'The same as JSON, for webhooks; null where none gets it; rollcall''s own.';
	COMMENT ON TABLE rollcall.deliveries IS 'One row for each report and recipient: the ledger of all mail and of all webhooks.';
	COMMENT ON COLUMN rollcall.deliveries.recipient IS 'The address that it goes to; of a webhook what stands for its URL.';
	COMMENT ON COLUMN rollcall.deliveries.carrier IS 'How it goes: mail or webhook.';
	COMMENT ON COLUMN rollcall.deliveries.with_file IS 'Whether the file goes with it; rollcall''s own.';
	COMMENT ON COLUMN rollcall.deliveries.message_id IS 'Its Message-ID, or the webhook-id of a webhook; the same at every attempt.';
END $$;
