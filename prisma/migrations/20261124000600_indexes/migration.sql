-- Lists come in any of the schema's orders, a domain's or all domains': each starts in the middle of an index.
-- A heartbeat writes to leases alone, where nothing is added. What a plugin's change writes (state, state_changed_at,
-- updated_at) is indexed for one domain only.

CREATE INDEX "supervisors_name_id_idx" ON "supervisors"("name", "id");

CREATE INDEX "supervisors_domain_id_id_idx" ON "supervisors"("domain_id", "id");

CREATE INDEX "supervisors_domain_id_state_id_idx" ON "supervisors"("domain_id", "state", "id");

CREATE INDEX "supervisors_domain_id_priority_id_idx" ON "supervisors"("domain_id", "priority", "id");

CREATE INDEX "supervisors_domain_id_created_at_id_idx" ON "supervisors"("domain_id", "created_at", "id");

CREATE INDEX "supervisors_domain_id_updated_at_id_idx" ON "supervisors"("domain_id", "updated_at", "id");

CREATE INDEX "supervisors_labels_idx" ON "supervisors" USING GIN ("labels" jsonb_path_ops);

-- With the version, which the order by plugin id goes on with.
DROP INDEX "plugins_domain_id_plugin_id_id_idx";

CREATE INDEX "plugins_domain_id_plugin_id_version_id_idx" ON "plugins"("domain_id", "plugin_id", "version", "id");

CREATE INDEX "plugins_plugin_id_version_id_idx" ON "plugins"("plugin_id", "version", "id");

CREATE INDEX "plugins_domain_id_id_idx" ON "plugins"("domain_id", "id");

CREATE INDEX "plugins_domain_id_version_id_idx" ON "plugins"("domain_id", "version", "id");

CREATE INDEX "plugins_domain_id_supervisor_id_id_idx" ON "plugins"("domain_id", "supervisor_id", "id");

CREATE INDEX "plugins_domain_id_created_at_id_idx" ON "plugins"("domain_id", "created_at", "id");

CREATE INDEX "plugins_domain_id_state_id_idx" ON "plugins"("domain_id", "state", "id");

CREATE INDEX "plugins_domain_id_state_changed_at_id_idx" ON "plugins"("domain_id", "state_changed_at", "id");

CREATE INDEX "plugins_domain_id_updated_at_id_idx" ON "plugins"("domain_id", "updated_at", "id");
