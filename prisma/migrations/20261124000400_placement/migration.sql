-- Placement (domain.md: P1 to P4, P8, M1 to M4): cordons, drains, moves, rollouts, and what agents were offered.

CREATE TYPE "drain_state" AS ENUM ('DRAINING', 'DRAINED', 'EXPIRED');

CREATE TYPE "rollout_state" AS ENUM ('RUNNING', 'COMPLETED', 'ROLLING_BACK', 'ROLLED_BACK');

CREATE TYPE "rollout_step_state" AS ENUM ('WAITING', 'INSTALLING', 'DONE', 'SKIPPED', 'REVERTING', 'REVERTED');

-- A drain stands in the supervisor's own row, so that whoever watches supervisors sees it begin and end.
ALTER TABLE "supervisors" ADD COLUMN "cordoned" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "supervisors" ADD COLUMN "drain_state" "drain_state";
ALTER TABLE "supervisors" ADD COLUMN "drain_started_at" TIMESTAMPTZ(3);
ALTER TABLE "supervisors" ADD COLUMN "drain_deadline_at" TIMESTAMPTZ(3);
ALTER TABLE "supervisors" ADD COLUMN "drain_ended_at" TIMESTAMPTZ(3);
ALTER TABLE "supervisors" ADD CONSTRAINT "supervisors_drain" CHECK (
    ("drain_state" IS NULL) = ("drain_started_at" IS NULL)
    AND ("drain_state" IS NULL) = ("drain_deadline_at" IS NULL)
    AND ("drain_ended_at" IS NOT NULL) = coalesce("drain_state" <> 'DRAINING', false)
    AND ("drain_state" IS NULL OR "cordoned"));

-- P3: the generation that the list which the agent last fetched had.
ALTER TABLE "plugins" ADD COLUMN "offered_generation" INTEGER NOT NULL DEFAULT 0;
-- M1: the labels that its supervisor's must contain, wherever it is moved.
ALTER TABLE "plugins" ADD COLUMN "placement_labels" JSONB NOT NULL DEFAULT '{}';
-- The plugin on another supervisor that this one takes the place of, once it is ACTIVE.
ALTER TABLE "plugins" ADD COLUMN "replaces_id" TEXT COLLATE "C";

-- Few plugins are ever moved, few supervisors drained or public; Prisma does not model partial indexes.
CREATE INDEX "plugins_replaces_id_idx" ON "plugins"("replaces_id") WHERE "replaces_id" IS NOT NULL;
CREATE INDEX "supervisors_draining_idx" ON "supervisors"("id") WHERE "drain_state" = 'DRAINING';
CREATE INDEX "supervisors_public_idx" ON "supervisors"("id") WHERE "is_public";

CREATE TABLE "rollouts" (
    "id" TEXT COLLATE "C" NOT NULL,
    "domain_id" TEXT COLLATE "C" NOT NULL,
    "plugin_id" TEXT COLLATE "C" NOT NULL,
    "from_version" TEXT COLLATE "C" NOT NULL,
    "to_version" TEXT COLLATE "C" NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "max_unavailable" INTEGER NOT NULL,
    "healthy_deadline_seconds" INTEGER NOT NULL,
    "state" "rollout_state" NOT NULL DEFAULT 'RUNNING',
    "message" TEXT,
    "actor" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "rollouts_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "rollouts_id_format" CHECK ("id" ~ '^rollout-[0-9a-f]{12}$'),
    CONSTRAINT "rollouts_versions" CHECK ("from_version" <> "to_version"),
    CONSTRAINT "rollouts_max_unavailable" CHECK ("max_unavailable" >= 1),
    CONSTRAINT "rollouts_ended" CHECK (("ended_at" IS NOT NULL) = ("state" IN ('COMPLETED', 'ROLLED_BACK')))
);

CREATE INDEX "rollouts_domain_id_created_at_id_idx" ON "rollouts"("domain_id", "created_at", "id");

-- One rollout of a plugin at a time, since two would move each other's versions.
CREATE UNIQUE INDEX "rollouts_running_key" ON "rollouts"("domain_id", "plugin_id") WHERE "ended_at" IS NULL;

CREATE TABLE "rollout_steps" (
    "rollout_id" TEXT COLLATE "C" NOT NULL,
    "supervisor_id" TEXT COLLATE "C" NOT NULL,
    "position" INTEGER NOT NULL,
    "state" "rollout_step_state" NOT NULL DEFAULT 'WAITING',
    "message" TEXT,
    "deadline_at" TIMESTAMPTZ(3),

    CONSTRAINT "rollout_steps_pkey" PRIMARY KEY ("rollout_id", "supervisor_id"),
    CONSTRAINT "rollout_steps_deadline" CHECK (("deadline_at" IS NOT NULL) = ("state" = 'INSTALLING'))
);

CREATE INDEX "rollout_steps_supervisor_id_idx" ON "rollout_steps"("supervisor_id");

ALTER TABLE "rollout_steps" ADD CONSTRAINT "rollout_steps_rollout_id_fkey" FOREIGN KEY ("rollout_id") REFERENCES "rollouts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "rollout_steps" ADD CONSTRAINT "rollout_steps_supervisor_id_fkey" FOREIGN KEY ("supervisor_id") REFERENCES "supervisors"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The new columns that no viewer sees.
DROP TRIGGER "plugins_touch" ON "plugins";

CREATE TRIGGER "plugins_touch" BEFORE UPDATE ON "plugins" FOR EACH ROW
EXECUTE FUNCTION "touch_row"('deadline_at', 'missing_reports', 'missing_since', 'actor', 'previous_endpoint', 'offered_generation', 'placement_labels', 'replaces_id');

DROP TRIGGER "plugins_record_event" ON "plugins";

CREATE CONSTRAINT TRIGGER "plugins_record_event" AFTER INSERT OR UPDATE OR DELETE ON "plugins"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_event"('PLUGIN', 'deadline_at', 'missing_reports', 'missing_since', 'actor', 'previous_endpoint', 'offered_generation', 'placement_labels', 'replaces_id');
