-- S10: hostnames are one whatever the case of their ASCII letters; the collation "C" makes `lower` know those alone.
-- Lists by hostname, and filters, read the index of hostnames as they are shown.

DROP INDEX "supervisors_domain_id_hostname_key";
CREATE UNIQUE INDEX "supervisors_domain_id_hostname_lower_key" ON "supervisors"("domain_id", lower("hostname" COLLATE "C"));
CREATE INDEX "supervisors_domain_id_hostname_id_idx" ON "supervisors"("domain_id", "hostname", "id");
