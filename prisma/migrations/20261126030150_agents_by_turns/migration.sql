-- S8: live agents of one hostname are noticed, however many and in whatever order they take turns: runs and endpoints that
-- were replaced are kept as hashes, the newest first, while the next replacement comes within a lease.
-- S12: the sequence numbers of the last report of the current run, and of the run before it.
ALTER TABLE "leases"
    DROP COLUMN "previous_boot_id",
    ADD COLUMN "replaced_runs" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    ADD COLUMN "run_replaced_at" TIMESTAMPTZ(3),
    ADD COLUMN "sequence" INTEGER,
    ADD COLUMN "previous_sequence" INTEGER;

ALTER TABLE "plugins"
    DROP COLUMN "previous_endpoint",
    ADD COLUMN "replaced_endpoints" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    ADD COLUMN "endpoint_replaced_at" TIMESTAMPTZ(3);

DROP TRIGGER "plugins_touch" ON "plugins";
CREATE TRIGGER "plugins_touch" BEFORE UPDATE ON "plugins" FOR EACH ROW
EXECUTE FUNCTION "touch_row"('version_key', 'deadline_at', 'missing_reports', 'missing_since', 'actor', 'replaced_endpoints', 'endpoint_replaced_at', 'offered_generation', 'placement_labels', 'allow_public', 'replaces_id', 'unreported', 'withheld_generation');

DROP TRIGGER "plugins_record_event" ON "plugins";
CREATE CONSTRAINT TRIGGER "plugins_record_event" AFTER INSERT OR UPDATE OR DELETE ON "plugins"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_event"('PLUGIN', 'version_key', 'deadline_at', 'missing_reports', 'missing_since', 'actor', 'replaced_endpoints', 'endpoint_replaced_at', 'offered_generation', 'placement_labels', 'allow_public', 'replaces_id', 'unreported', 'withheld_generation');
