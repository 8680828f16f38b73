-- S13: when a supervisor's state changed, the newest first: as many times as it takes to call it FLAPPING.
ALTER TABLE "supervisors" ADD COLUMN "state_changes" TIMESTAMPTZ(3)[] DEFAULT ARRAY[]::TIMESTAMPTZ(3)[];

-- Few supervisors carry the condition; each sweep looks for them.
CREATE INDEX "supervisors_flapping_idx" ON "supervisors"("id") WHERE "conditions" @> '[{"type": "FLAPPING"}]';

DROP TRIGGER "supervisors_touch" ON "supervisors";
CREATE TRIGGER "supervisors_touch" BEFORE UPDATE ON "supervisors" FOR EACH ROW
EXECUTE FUNCTION "touch_row"('operator_fields', 'secret_hash', 'secret_open', 'awaits_first_publish', 'state_changes', 'actor', 'reason');

DROP TRIGGER "supervisors_record_event" ON "supervisors";
CREATE CONSTRAINT TRIGGER "supervisors_record_event" AFTER INSERT OR UPDATE OR DELETE ON "supervisors"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_event"('SUPERVISOR', 'operator_fields', 'secret_hash', 'secret_open', 'awaits_first_publish', 'state_changes', 'actor', 'reason');

CREATE OR REPLACE FUNCTION "record_credential_event"() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    whole jsonb := to_jsonb(NEW) - ARRAY['secret_hash', 'secret_open', 'awaits_first_publish', 'state_changes', 'operator_fields', 'last_used_at'];
BEGIN
    PERFORM pg_advisory_xact_lock(x'6d7573746572'::bigint);
    INSERT INTO "events" ("seq", "at", "domain_id", "kind", "supervisor_id", "api_key_id", "actor", "row")
    VALUES (
        nextval('events_seq'), clock_timestamp(),
        -- No domain is called so: a key of all domains.
        coalesce(NEW."domain_id", '*'),
        TG_ARGV[0]::"event_kind",
        CASE TG_TABLE_NAME WHEN 'supervisors' THEN NEW."id" END,
        CASE TG_TABLE_NAME WHEN 'api_keys' THEN NEW."id" END,
        CASE TG_ARGV[0] WHEN 'API_KEY_CREATED' THEN whole ->> 'created_by'
            WHEN 'API_KEY_REVOKED' THEN whole ->> 'revoked_by' ELSE whole ->> 'actor' END,
        whole - ARRAY['actor', 'reason']
    );
    PERFORM pg_notify('muster_events', '');
    RETURN NULL;
END
$$;
