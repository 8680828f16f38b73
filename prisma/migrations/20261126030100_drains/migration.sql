-- M6: a plugin that was installed on a named supervisor is never moved.
ALTER TABLE "plugins" ADD COLUMN "pinned" BOOLEAN NOT NULL DEFAULT false,
    -- D3: the supervisors on which replacements of the plugin failed, the last one at the end.
    ADD COLUMN "failed_supervisor_ids" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- Events of the time before say so too, for those who resume there.
UPDATE "events" SET "row" = "row" || '{"pinned": false, "failed_supervisor_ids": []}' WHERE "plugin_instance_id" IS NOT NULL;

-- D4: a drain may wait for its turn. A new value of an enum can't be used in the transaction that adds it, so the type is
-- made anew.
DROP INDEX "supervisors_draining_idx";
ALTER TABLE "supervisors" DROP CONSTRAINT "supervisors_drain";
ALTER TYPE "drain_state" RENAME TO "drain_state_before";
CREATE TYPE "drain_state" AS ENUM ('QUEUED', 'DRAINING', 'DRAINED', 'EXPIRED');
ALTER TABLE "supervisors" ALTER COLUMN "drain_state" TYPE "drain_state" USING "drain_state"::text::"drain_state",
    -- D2: whether the supervisor was cordoned by itself, and stays so when the drain is undone.
    ADD COLUMN "drain_keeps_cordon" BOOLEAN NOT NULL DEFAULT false,
    -- D4: drains that were asked for together, how many of them may be under way, and how long each may take.
    ADD COLUMN "drain_group" TEXT COLLATE "C",
    ADD COLUMN "drain_max_parallel" INTEGER,
    ADD COLUMN "drain_seconds" INTEGER,
    ADD CONSTRAINT "supervisors_drain" CHECK (
        coalesce("drain_state" <> 'QUEUED', false) = ("drain_started_at" IS NOT NULL)
        AND coalesce("drain_state" <> 'QUEUED', false) = ("drain_deadline_at" IS NOT NULL)
        AND ("drain_ended_at" IS NOT NULL) = coalesce("drain_state" IN ('DRAINED', 'EXPIRED'), false)
        AND ("drain_state" IS DISTINCT FROM 'QUEUED'
            OR ("drain_group" IS NOT NULL AND "drain_max_parallel" IS NOT NULL AND "drain_seconds" IS NOT NULL))
        AND ("drain_state" IS NULL OR "cordoned"));
DROP TYPE "drain_state_before";
CREATE INDEX "supervisors_draining_idx" ON "supervisors"("id") WHERE "drain_state" IN ('QUEUED', 'DRAINING');

UPDATE "events" SET "row" = "row" || '{"drain_keeps_cordon": false}' WHERE "row" ? 'drain_state';
