-- R1 to R7: health, failures, deadlines, canaries, going back, and the events of rollouts.

ALTER TYPE "rollout_state" ADD VALUE 'PAUSED';
ALTER TYPE "rollout_state" ADD VALUE 'AWAITING_PROMOTION';
ALTER TYPE "rollout_state" ADD VALUE 'CANCELED';
ALTER TYPE "rollout_state" ADD VALUE 'ROLLBACK_FAILED';
ALTER TYPE "rollout_step_state" ADD VALUE 'FAILED';
ALTER TYPE "rollout_step_state" ADD VALUE 'REVERT_FAILED';
ALTER TYPE "event_kind" ADD VALUE 'ROLLOUT_CREATED';
ALTER TYPE "event_kind" ADD VALUE 'ROLLOUT_STATE_CHANGED';
ALTER TYPE "event_kind" ADD VALUE 'ROLLOUT_UPDATED';
ALTER TYPE "event_kind" ADD VALUE 'ROLLOUT_STEP_CREATED';
ALTER TYPE "event_kind" ADD VALUE 'ROLLOUT_STEP_STATE_CHANGED';
ALTER TYPE "event_kind" ADD VALUE 'ROLLOUT_STEP_UPDATED';
ALTER TYPE "event_kind" ADD VALUE 'ROLLOUT_STEP_DELETED';

CREATE TYPE "rollout_failure_action" AS ENUM ('ROLL_BACK', 'PAUSE');

ALTER TABLE "rollouts"
    ADD COLUMN "min_healthy_seconds" INTEGER NOT NULL DEFAULT 10,
    ADD COLUMN "max_failures" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "on_failure" "rollout_failure_action" NOT NULL DEFAULT 'ROLL_BACK',
    ADD COLUMN "deadline_seconds" INTEGER NOT NULL DEFAULT 86400,
    ADD COLUMN "deadline_at" TIMESTAMPTZ(3),
    ADD COLUMN "canary_count" INTEGER,
    ADD COLUMN "auto_promote_seconds" INTEGER,
    ADD COLUMN "promotable_since" TIMESTAMPTZ(3),
    ADD COLUMN "promoted_at" TIMESTAMPTZ(3),
    ADD COLUMN "accepted_failures" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "rollback_deadline_at" TIMESTAMPTZ(3);
UPDATE "rollouts" SET
    "deadline_at" = "created_at" + "deadline_seconds" * interval '1 second',
    "rollback_deadline_at" = CASE WHEN "state"::text = 'ROLLING_BACK' THEN now() + "healthy_deadline_seconds" * interval '1 second' END;
ALTER TABLE "rollouts"
    ALTER COLUMN "deadline_at" SET NOT NULL,
    DROP CONSTRAINT "rollouts_ended",
    -- As text: values that were added to a type can't be named before the commit.
    ADD CONSTRAINT "rollouts_ended" CHECK (("ended_at" IS NOT NULL)
        = ("state"::text IN ('COMPLETED', 'CANCELED', 'ROLLED_BACK', 'ROLLBACK_FAILED'))),
    ADD CONSTRAINT "rollouts_canary" CHECK ("canary_count" >= 1 AND ("auto_promote_seconds" IS NULL OR "canary_count" IS NOT NULL)),
    ADD CONSTRAINT "rollouts_rollback_deadline" CHECK ("state"::text <> 'ROLLING_BACK' OR "rollback_deadline_at" IS NOT NULL);

ALTER TABLE "rollout_steps"
    ADD COLUMN "healthy_since" TIMESTAMPTZ(3),
    ADD COLUMN "healthy_mark" TIMESTAMPTZ(3),
    DROP CONSTRAINT "rollout_steps_deadline";
UPDATE "rollout_steps" t SET "deadline_at" = r."rollback_deadline_at"
FROM "rollouts" r WHERE r."id" = t."rollout_id" AND t."state" = 'REVERTING';
UPDATE "rollout_steps" t SET "deadline_at" = now() WHERE t."state" = 'REVERTING' AND t."deadline_at" IS NULL;
ALTER TABLE "rollout_steps"
    ADD CONSTRAINT "rollout_steps_deadline" CHECK (("deadline_at" IS NOT NULL) = ("state" IN ('INSTALLING', 'REVERTING')));

-- R7

ALTER TABLE "events" ADD COLUMN "rollout_id" TEXT COLLATE "C";
CREATE INDEX "events_rollout_id_seq_idx" ON "events"("rollout_id", "seq");

-- Arguments: the entity's name in event kinds, then the columns that no viewer sees. The transaction's settings
-- `muster.actor` and `muster.reason` say who and why; without them, the control plane itself did it.
CREATE FUNCTION "record_rollout_event"() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    entity constant text := TG_ARGV[0];
    hidden constant text[] := TG_ARGV[1:];
    old_row jsonb; new_row jsonb; whole jsonb; differing jsonb;
    what text; from_state text; to_state text; domain text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        old_row := to_jsonb(OLD) - hidden;
        from_state := OLD."state";
    END IF;
    IF TG_OP <> 'DELETE' THEN
        new_row := to_jsonb(NEW) - hidden;
        to_state := NEW."state";
    END IF;

    IF TG_OP = 'INSERT' THEN
        what := 'CREATED';
        from_state := 'NONE';
    ELSIF TG_OP = 'DELETE' THEN
        what := 'DELETED';
        to_state := 'NONE';
    ELSE
        IF old_row = new_row THEN
            RETURN NULL;
        END IF;
        SELECT jsonb_object_agg(n.key, jsonb_build_object('from', old_row -> n.key, 'to', n.value))
        INTO differing
        FROM jsonb_each(new_row) AS n
        WHERE n.value IS DISTINCT FROM old_row -> n.key;
        IF from_state = to_state THEN
            what := 'UPDATED';
            from_state := NULL;
            to_state := NULL;
        ELSE
            what := 'STATE_CHANGED';
        END IF;
    END IF;
    whole := coalesce(new_row, old_row);
    domain := whole ->> 'domain_id';
    IF entity = 'ROLLOUT_STEP' THEN
        SELECT r."domain_id" INTO domain FROM "rollouts" r WHERE r."id" = whole ->> 'rollout_id';
        -- The rollout was deleted, and the step with it.
        IF domain IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;

    PERFORM pg_advisory_xact_lock(x'6d7573746572'::bigint);
    INSERT INTO "events" ("seq", "at", "domain_id", "kind", "supervisor_id", "rollout_id", "from", "to", "actor", "reason", "changes", "row")
    VALUES (
        nextval('events_seq'), clock_timestamp(), domain,
        (entity || '_' || what)::"event_kind",
        CASE entity WHEN 'ROLLOUT_STEP' THEN whole ->> 'supervisor_id' END,
        CASE entity WHEN 'ROLLOUT_STEP' THEN whole ->> 'rollout_id' ELSE whole ->> 'id' END,
        from_state, to_state,
        coalesce(nullif(current_setting('muster.actor', true), ''), 'muster'),
        nullif(current_setting('muster.reason', true), ''),
        differing, whole
    );
    PERFORM pg_notify('muster_events', '');
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER "rollouts_record_event" AFTER INSERT OR UPDATE ON "rollouts"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_rollout_event"('ROLLOUT', 'accepted_failures');

CREATE CONSTRAINT TRIGGER "rollout_steps_record_event" AFTER INSERT OR UPDATE OR DELETE ON "rollout_steps"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_rollout_event"('ROLLOUT_STEP', 'healthy_mark');
