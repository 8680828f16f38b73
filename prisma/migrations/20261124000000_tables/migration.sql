-- Text that is compared and ordered byte by byte (COLLATE "C") sorts alike in every database, and its
-- B-trees serve prefix searches. Prisma models neither collations nor CHECK constraints.

CREATE TYPE "supervisor_state" AS ENUM ('PENDING', 'ENABLED', 'DISABLED', 'DISCONNECTED');

CREATE TYPE "plugin_state" AS ENUM ('PROVISIONING', 'ACTIVE', 'RE_PROVISIONING', 'ERROR');

-- The limits stand in domain.md ("Limits"). Those that operators can configure are upper bounds here:
-- packages/core/src/settings.ts refuses a configuration that exceeds them.
CREATE TABLE "supervisors" (
    "id" TEXT COLLATE "C" NOT NULL,
    "domain_id" TEXT COLLATE "C" NOT NULL,
    "hostname" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "state" "supervisor_state" NOT NULL DEFAULT 'PENDING',
    "is_public" BOOLEAN NOT NULL DEFAULT false,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "tags" JSONB NOT NULL DEFAULT '{}',
    "registered_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "operator_fields" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "secret_hash" BYTEA,
    "secret_open" BOOLEAN NOT NULL DEFAULT false,
    "actor" TEXT,
    "reason" TEXT,

    CONSTRAINT "supervisors_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "supervisors_id_format" CHECK ("id" ~ '^supervisor-[0-9a-f]{12}$'),
    CONSTRAINT "supervisors_domain_id_format" CHECK ("domain_id" ~ '^[A-Za-z0-9._-]{1,64}$'),
    CONSTRAINT "supervisors_hostname_length" CHECK (char_length("hostname") BETWEEN 1 AND 255),
    CONSTRAINT "supervisors_name_length" CHECK (char_length("name") BETWEEN 1 AND 255),
    CONSTRAINT "supervisors_labels_object" CHECK (jsonb_typeof("labels") = 'object'),
    CONSTRAINT "supervisors_tags_object" CHECK (jsonb_typeof("tags") = 'object'),
    -- S2: only what an operator has registered is ever enabled or disabled.
    CONSTRAINT "supervisors_registered" CHECK ("state" NOT IN ('ENABLED', 'DISABLED') OR "registered_at" IS NOT NULL),
    CONSTRAINT "supervisors_pending" CHECK ("state" <> 'PENDING' OR "registered_at" IS NULL),
    -- S6: a fixed secret is never open to be fixed again.
    CONSTRAINT "supervisors_secret" CHECK ("secret_hash" IS NULL OR NOT "secret_open")
);

-- A heartbeat rewrites its lease in place (HOT): half of each page stays free for that, and vacuum comes early.
CREATE TABLE "leases" (
    "supervisor_id" TEXT COLLATE "C" NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3),

    CONSTRAINT "leases_pkey" PRIMARY KEY ("supervisor_id")
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE "plugins" (
    "id" TEXT COLLATE "C" NOT NULL,
    "supervisor_id" TEXT COLLATE "C" NOT NULL,
    "domain_id" TEXT COLLATE "C" NOT NULL,
    "plugin_id" TEXT COLLATE "C" NOT NULL,
    "version" TEXT COLLATE "C" NOT NULL,
    "state" "plugin_state" NOT NULL,
    "managed" BOOLEAN NOT NULL DEFAULT false,
    "wanted" BOOLEAN NOT NULL DEFAULT true,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "observed_generation" INTEGER NOT NULL DEFAULT 0,
    "endpoint" TEXT COLLATE "C",
    "endpoints" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "reason" TEXT,
    "message" TEXT,
    "state_changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deadline_at" TIMESTAMPTZ(3),
    "missing_reports" INTEGER NOT NULL DEFAULT 0,
    "missing_since" TIMESTAMPTZ(3),
    "actor" TEXT,

    CONSTRAINT "plugins_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "plugins_id_format" CHECK ("id" ~ '^instance-[0-9a-f]{16}$'),
    CONSTRAINT "plugins_domain_id_format" CHECK ("domain_id" ~ '^[A-Za-z0-9._-]{1,64}$'),
    CONSTRAINT "plugins_plugin_id_length" CHECK (char_length("plugin_id") BETWEEN 1 AND 255),
    CONSTRAINT "plugins_version_length" CHECK (char_length("version") BETWEEN 1 AND 255),
    CONSTRAINT "plugins_endpoint_length" CHECK (char_length("endpoint") <= 2048),
    CONSTRAINT "plugins_endpoints_count" CHECK (cardinality("endpoints") <= 64),
    CONSTRAINT "plugins_generation" CHECK ("generation" >= 1 AND "observed_generation" BETWEEN 0 AND "generation"),
    -- P5: exactly the states that can overrun a deadline have one.
    CONSTRAINT "plugins_deadline" CHECK (("deadline_at" IS NOT NULL) = ("state" IN ('PROVISIONING', 'RE_PROVISIONING')))
);

CREATE UNIQUE INDEX "supervisors_domain_id_hostname_key" ON "supervisors"("domain_id", "hostname");

CREATE INDEX "supervisors_domain_id_name_id_idx" ON "supervisors"("domain_id", "name", "id");

CREATE UNIQUE INDEX "plugins_supervisor_id_plugin_id_version_key" ON "plugins"("supervisor_id", "plugin_id", "version");

CREATE INDEX "plugins_domain_id_plugin_id_id_idx" ON "plugins"("domain_id", "plugin_id", "id");

-- Few plugins are ever being provisioned; Prisma does not model partial indexes.
CREATE INDEX "plugins_deadline_at_idx" ON "plugins"("deadline_at") WHERE "deadline_at" IS NOT NULL;

ALTER TABLE "leases" ADD CONSTRAINT "leases_supervisor_id_fkey" FOREIGN KEY ("supervisor_id") REFERENCES "supervisors"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "plugins" ADD CONSTRAINT "plugins_supervisor_id_fkey" FOREIGN KEY ("supervisor_id") REFERENCES "supervisors"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Keeps updated_at (and a plugin's state_changed_at) true whoever writes; a change of hidden columns alone
-- is no change (L2). The trigger's arguments are the hidden columns.
CREATE FUNCTION "touch_row"() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - TG_ARGV IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV THEN
        NEW."updated_at" := now();
    END IF;
    IF TG_TABLE_NAME = 'plugins' AND NEW."state" IS DISTINCT FROM OLD."state" THEN
        NEW."state_changed_at" := now();
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER "supervisors_touch" BEFORE UPDATE ON "supervisors" FOR EACH ROW
EXECUTE FUNCTION "touch_row"('operator_fields', 'secret_hash', 'secret_open', 'actor', 'reason');

CREATE TRIGGER "plugins_touch" BEFORE UPDATE ON "plugins" FOR EACH ROW
EXECUTE FUNCTION "touch_row"('deadline_at', 'missing_reports', 'missing_since', 'actor');
