-- Agents that ask for their lists and publish nothing (domain.md: L1, S8), since one of their plugins fails to install.

-- How many lists an agent has asked for since it last published, and since when.
ALTER TABLE "leases" ADD COLUMN "unpublished_lists" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "leases" ADD COLUMN "unpublished_since" TIMESTAMPTZ(3);

-- Whether no report has had this plugin yet. Of those that are here already nobody knows, so they count as reported.
ALTER TABLE "plugins" ADD COLUMN "unreported" BOOLEAN NOT NULL DEFAULT false;
-- The generation that its agent is not offered; 0 for none.
ALTER TABLE "plugins" ADD COLUMN "withheld_generation" INTEGER NOT NULL DEFAULT 0;

-- The new columns that no viewer sees.
DROP TRIGGER "plugins_touch" ON "plugins";

CREATE TRIGGER "plugins_touch" BEFORE UPDATE ON "plugins" FOR EACH ROW
EXECUTE FUNCTION "touch_row"('deadline_at', 'missing_reports', 'missing_since', 'actor', 'previous_endpoint', 'offered_generation', 'placement_labels', 'replaces_id', 'unreported', 'withheld_generation');

DROP TRIGGER "plugins_record_event" ON "plugins";

CREATE CONSTRAINT TRIGGER "plugins_record_event" AFTER INSERT OR UPDATE OR DELETE ON "plugins"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_event"('PLUGIN', 'deadline_at', 'missing_reports', 'missing_since', 'actor', 'previous_endpoint', 'offered_generation', 'placement_labels', 'replaces_id', 'unreported', 'withheld_generation');
