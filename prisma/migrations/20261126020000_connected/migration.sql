-- L7: going silent and coming back is a change of the supervisor's row, whatever its state, and so an event (E1).
--
-- A generated column, so that no code path can forget it: a supervisor is connected unless it is DISCONNECTED, or carries
-- the condition that its lease ran out while it kept its state (DISABLED, or held by L6).

ALTER TABLE "supervisors" ADD COLUMN "connected" BOOLEAN GENERATED ALWAYS AS (
    "state" <> 'DISCONNECTED' AND NOT "conditions" @> '[{"type": "LEASE_EXPIRED"}]'
) STORED NOT NULL;

-- Events of the time before say so too, for those who resume there.
UPDATE "events" SET "row" = "row" || jsonb_build_object('connected', "row" ->> 'state' <> 'DISCONNECTED')
WHERE "kind" IN ('SUPERVISOR_CREATED', 'SUPERVISOR_STATE_CHANGED', 'SUPERVISOR_UPDATED', 'SUPERVISOR_DELETED');

CREATE OR REPLACE FUNCTION "touch_row"() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    -- A generated column has no value yet in a BEFORE trigger; the columns that it is made of are compared.
    generated constant text[] := ARRAY['connected'];
BEGIN
    IF to_jsonb(NEW) - TG_ARGV - generated IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV - generated THEN
        NEW."updated_at" := now();
    END IF;
    IF TG_TABLE_NAME = 'plugins' AND NEW."state" IS DISTINCT FROM OLD."state" THEN
        NEW."state_changed_at" := now();
    END IF;
    RETURN NEW;
END
$$;
