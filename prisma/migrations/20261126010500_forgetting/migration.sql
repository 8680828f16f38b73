-- S11: each sweep looks for supervisors that have been DISCONNECTED for long.
CREATE INDEX "supervisors_disconnected_idx" ON "supervisors"("id") WHERE "state" = 'DISCONNECTED';
