-- Credentials that Muster itself hands out (domain.md: A4). Only a hash of a key is stored; a revoked key stays, so
-- that a server which has ever had one never runs open again (A5).

CREATE TYPE "role" AS ENUM ('VIEWER', 'OPERATOR', 'SUPERVISOR', 'ADMIN');

CREATE TABLE "api_keys" (
    "id" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "role" "role" NOT NULL,
    "domain_id" TEXT COLLATE "C",
    "secret_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_by" TEXT,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "api_keys_name_length" CHECK (char_length("name") BETWEEN 1 AND 255),
    -- A2: only an ADMIN's credential is for no single domain.
    CONSTRAINT "api_keys_domain_or_admin" CHECK ("domain_id" IS NOT NULL OR "role" = 'ADMIN')
);

CREATE INDEX "api_keys_domain_id_created_at_id_idx" ON "api_keys"("domain_id", "created_at", "id");

-- E6: replicas hear at once of a new and of a revoked key. Like any NOTIFY it is a hint; they also look by themselves.
CREATE FUNCTION "notify_keys"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('muster_keys', '');
  RETURN NULL;
END $$;

CREATE TRIGGER "api_keys_notify" AFTER INSERT OR DELETE OR UPDATE OF "role", "domain_id", "secret_hash", "expires_at", "revoked_at"
ON "api_keys" FOR EACH STATEMENT EXECUTE FUNCTION "notify_keys"();
