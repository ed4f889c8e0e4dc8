CREATE TABLE "rollcall"."workers" (
	"name" text PRIMARY KEY NOT NULL,
	"version" text NOT NULL,
	"configuration" text NOT NULL,
	"schedule" text NOT NULL,
	"timezone" text NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "workers_end_after_their_start" CHECK ("rollcall"."workers"."ended_at" >= "rollcall"."workers"."started_at")
);
--> statement-breakpoint
CREATE INDEX "workers_by_start" ON "rollcall"."workers" USING btree ("started_at");