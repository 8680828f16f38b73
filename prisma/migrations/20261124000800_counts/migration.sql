-- How many rows there are stays as it is until one is created or deleted: the newest event that says so tells whether
-- a number that was counted before still holds. Prisma does not model partial indexes.
CREATE INDEX "events_supervisor_count_idx" ON "events"("seq") WHERE "kind" IN ('SUPERVISOR_CREATED', 'SUPERVISOR_DELETED');
CREATE INDEX "events_supervisor_count_domain_idx" ON "events"("domain_id", "seq") WHERE "kind" IN ('SUPERVISOR_CREATED', 'SUPERVISOR_DELETED');
CREATE INDEX "events_plugin_count_idx" ON "events"("seq") WHERE "kind" IN ('PLUGIN_CREATED', 'PLUGIN_DELETED');
CREATE INDEX "events_plugin_count_domain_idx" ON "events"("domain_id", "seq") WHERE "kind" IN ('PLUGIN_CREATED', 'PLUGIN_DELETED');
