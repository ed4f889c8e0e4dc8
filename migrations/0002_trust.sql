CREATE TABLE "rollcall"."held_listings" (
	"run_id" bigint PRIMARY KEY NOT NULL,
	"memberships" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollcall"."invitations" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."invitations_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"principal_id" bigint NOT NULL,
	"invite_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"invited_by" text,
	"invited_on" timestamp with time zone,
	"expires_on" timestamp with time zone,
	"status" text,
	"last_run_id" bigint NOT NULL,
	CONSTRAINT "invitations_each_once" UNIQUE("principal_id","invite_id")
);
--> statement-breakpoint
ALTER TABLE "rollcall"."changes" ADD COLUMN "invited_by" text;--> statement-breakpoint
ALTER TABLE "rollcall"."changes" ADD COLUMN "invited_on" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "rollcall"."changes" ADD COLUMN "expires_on" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "rollcall"."changes" ADD COLUMN "gone_because" text;--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD COLUMN "conclusion" text;--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD COLUMN "proof" jsonb;--> statement-breakpoint
ALTER TABLE "rollcall"."runs" ADD COLUMN "cloudflare_user_id" text;--> statement-breakpoint
ALTER TABLE "rollcall"."held_listings" ADD CONSTRAINT "held_listings_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "rollcall"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."invitations" ADD CONSTRAINT "invitations_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "rollcall"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."invitations" ADD CONSTRAINT "invitations_last_run_fkey" FOREIGN KEY ("principal_id","last_run_id") REFERENCES "rollcall"."runs"("principal_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "invitations_by_organization" ON "rollcall"."invitations" USING btree ("principal_id","organization_id");--> statement-breakpoint
ALTER TABLE "rollcall"."changes" ADD CONSTRAINT "changes_gone_because_known" CHECK ("rollcall"."changes"."gone_because" is null or ("rollcall"."changes"."gone_because" in ('expired', 'declined', 'withdrawn') and "rollcall"."changes"."kind" = 'invitation_gone'));