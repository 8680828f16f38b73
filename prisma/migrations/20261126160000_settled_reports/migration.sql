-- L2: the last report that changed no plugin, with the versions of the rows that it was held against: while these are the
-- same, the same report changes none again (packages/core/src/report/sql/settled.ts).
ALTER TABLE "leases" ADD COLUMN "settled_report" TEXT COLLATE "C";
