-- M5: the place of a version in the order of versions is stored, since a list would work it out anew for each of its rows.
ALTER TABLE "plugins" ADD COLUMN "version_key" TEXT COLLATE "C" GENERATED ALWAYS AS ("version_sort_key"("version")) STORED NOT NULL;
DROP INDEX "plugins_domain_id_version_sort_key_id_idx";
CREATE INDEX "plugins_domain_id_version_key_id_idx" ON "plugins"("domain_id", "version_key", "id");

-- It is no change of a row, and no event tells it.
DROP TRIGGER "plugins_touch" ON "plugins";
CREATE TRIGGER "plugins_touch" BEFORE UPDATE ON "plugins" FOR EACH ROW
EXECUTE FUNCTION "touch_row"('version_key', 'deadline_at', 'missing_reports', 'missing_since', 'actor', 'previous_endpoint', 'offered_generation', 'placement_labels', 'allow_public', 'replaces_id', 'unreported', 'withheld_generation');
DROP TRIGGER "plugins_record_event" ON "plugins";
CREATE CONSTRAINT TRIGGER "plugins_record_event" AFTER INSERT OR UPDATE OR DELETE ON "plugins"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_event"('PLUGIN', 'version_key', 'deadline_at', 'missing_reports', 'missing_since', 'actor', 'previous_endpoint', 'offered_generation', 'placement_labels', 'allow_public', 'replaces_id', 'unreported', 'withheld_generation');
