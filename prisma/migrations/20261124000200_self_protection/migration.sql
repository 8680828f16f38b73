-- Liveness that protects itself (domain.md: L5, L6, S8) and attempts (P5).

-- S8: what is wrong with a supervisor beyond its state: `[{type, since, message}]`.
ALTER TABLE "supervisors" ADD COLUMN "conditions" JSONB NOT NULL DEFAULT '[]';

-- S8: two agents with one hostname show in boot ids that take turns, or, from agents without one, in endpoints that do.
ALTER TABLE "leases" ADD COLUMN "boot_id" TEXT;
ALTER TABLE "leases" ADD COLUMN "previous_boot_id" TEXT;
ALTER TABLE "leases" ADD COLUMN "duplicate_seen_at" TIMESTAMPTZ(3);
ALTER TABLE "plugins" ADD COLUMN "previous_endpoint" TEXT COLLATE "C";

-- P5: which attempt at the current wish this is, and when the next one is due.
ALTER TABLE "plugins" ADD COLUMN "attempt" INTEGER NOT NULL DEFAULT 1;
ALTER TABLE "plugins" ADD COLUMN "next_attempt_at" TIMESTAMPTZ(3);

-- Few plugins ever wait for an attempt; Prisma does not model partial indexes.
CREATE INDEX "plugins_next_attempt_at_idx" ON "plugins"("next_attempt_at") WHERE "next_attempt_at" IS NOT NULL;

-- L6: what is wrong with a whole domain.
CREATE TABLE "domain_conditions" (
    "domain_id" TEXT COLLATE "C" NOT NULL,
    "type" TEXT COLLATE "C" NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "message" TEXT NOT NULL,

    CONSTRAINT "domain_conditions_pkey" PRIMARY KEY ("domain_id", "type")
);

-- L5: when some replica last swept. Time in which none did counts for no lease and no deadline.
CREATE TABLE "control_plane" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "last_sweep_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "control_plane_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "control_plane_single" CHECK ("id" = 1)
);

INSERT INTO "control_plane" DEFAULT VALUES;

-- The new column that no viewer sees.
DROP TRIGGER "plugins_touch" ON "plugins";

CREATE TRIGGER "plugins_touch" BEFORE UPDATE ON "plugins" FOR EACH ROW
EXECUTE FUNCTION "touch_row"('deadline_at', 'missing_reports', 'missing_since', 'actor', 'previous_endpoint');

DROP TRIGGER "plugins_record_event" ON "plugins";

CREATE CONSTRAINT TRIGGER "plugins_record_event" AFTER INSERT OR UPDATE OR DELETE ON "plugins"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_event"('PLUGIN', 'deadline_at', 'missing_reports', 'missing_since', 'actor', 'previous_endpoint');
