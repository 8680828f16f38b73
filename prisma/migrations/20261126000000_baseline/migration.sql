-- The baseline: everything that the first release starts from. The rules cited here stand in docs/domain.md.
--
-- Text that is compared and ordered byte by byte (COLLATE "C") sorts alike in every database, and its B-trees serve
-- prefix searches. Prisma models neither collations, CHECK constraints, partial indexes nor triggers.
-- Length limits that operators can configure are upper bounds here: packages/core/src/base/settings.ts refuses a
-- configuration that exceeds them.

CREATE TYPE "supervisor_state" AS ENUM ('PENDING', 'ENABLED', 'DISABLED', 'DISCONNECTED');
CREATE TYPE "plugin_state" AS ENUM ('PROVISIONING', 'ACTIVE', 'RE_PROVISIONING', 'ERROR');
CREATE TYPE "drain_state" AS ENUM ('QUEUED', 'DRAINING', 'DRAINED', 'EXPIRED');
CREATE TYPE "rollout_state" AS ENUM ('RUNNING', 'COMPLETED', 'ROLLING_BACK', 'ROLLED_BACK', 'PAUSED', 'AWAITING_PROMOTION', 'CANCELED', 'ROLLBACK_FAILED');
CREATE TYPE "rollout_failure_action" AS ENUM ('ROLL_BACK', 'PAUSE');
CREATE TYPE "rollout_step_state" AS ENUM ('WAITING', 'INSTALLING', 'DONE', 'SKIPPED', 'REVERTING', 'REVERTED', 'FAILED', 'REVERT_FAILED');
CREATE TYPE "event_kind" AS ENUM ('SUPERVISOR_CREATED', 'SUPERVISOR_STATE_CHANGED', 'SUPERVISOR_UPDATED', 'SUPERVISOR_DELETED', 'PLUGIN_CREATED', 'PLUGIN_STATE_CHANGED', 'PLUGIN_UPDATED', 'PLUGIN_DELETED', 'SUPERVISOR_SECRET_RESET', 'API_KEY_CREATED', 'API_KEY_REVOKED', 'HOSTNAME_BLOCKED', 'HOSTNAME_UNBLOCKED', 'ROLLOUT_CREATED', 'ROLLOUT_STATE_CHANGED', 'ROLLOUT_UPDATED', 'ROLLOUT_STEP_CREATED', 'ROLLOUT_STEP_STATE_CHANGED', 'ROLLOUT_STEP_UPDATED', 'ROLLOUT_STEP_DELETED');
CREATE TYPE "role" AS ENUM ('VIEWER', 'OPERATOR', 'SUPERVISOR', 'ADMIN');

-- M5: versions have one order. `version_sort_key` says it for SQL, and packages/core/src/base/versionOrder.ts in memory; a
-- test compares the two. Keys are compared byte by byte (COLLATE "C").
--
-- An index is made of it, so it calls nothing but what stands in pg_catalog: maintenance runs with that search path alone.
CREATE FUNCTION "version_sort_key"("version" text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    parts constant text[] := regexp_match("version", '^v?(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:-((?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$' COLLATE "C");
    numbers text;
    rest text;
BEGIN
    IF parts IS NOT NULL THEN
        -- A number is its length, then its digits: so longer ones are greater.
        SELECT string_agg(lpad(length(ltrim(n, '0'))::text, 3, '0') || ltrim(n, '0'), '' ORDER BY place) INTO numbers
        FROM unnest(parts[1:3]) WITH ORDINALITY AS u(n, place);
        -- A number is below a text, and fewer identifiers are below more. A release is above its pre-releases.
        SELECT coalesce('-' || string_agg(
            CASE WHEN identifier ~ ('^[0-9]+$' COLLATE "C") THEN '1' || lpad(length(ltrim(identifier, '0'))::text, 3, '0') || ltrim(identifier, '0')
            ELSE '2' || identifier || '!' END, '' ORDER BY place), '~') INTO rest
        FROM unnest(string_to_array(parts[4], '.')) WITH ORDINALITY AS u(identifier, place);
        RETURN '1' || numbers || rest || E'\x01' || "version";
    END IF;
    SELECT string_agg(
        CASE WHEN run[1] ~ ('^[0-9]' COLLATE "C") THEN lpad(length(ltrim(run[1], '0'))::text, 3, '0') || ltrim(run[1], '0')
        ELSE run[1] END, '' ORDER BY place) INTO rest
    FROM regexp_matches(
        CASE WHEN "version" ~ ('^v[0-9]' COLLATE "C") THEN substr("version", 2) ELSE "version" END,
        '[0-9]+|[^0-9]+' COLLATE "C", 'g') WITH ORDINALITY AS r(run, place);
    -- The version itself comes last, so that no two versions have the same key.
    RETURN '0' || coalesce(rest, '') || E'\x01' || "version";
END
$$;

-- Supervisors, their leases, and the plugins on them

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
    -- S2: an operator may register a supervisor before it is first seen. Its first publish fixes its secret (S6) and brings
    -- the fields that the operator left out.
    "awaits_first_publish" BOOLEAN NOT NULL DEFAULT false,
    -- S13: when the state changed, the newest first: as many times as it takes to call the supervisor FLAPPING.
    "state_changes" TIMESTAMPTZ(3)[] DEFAULT ARRAY[]::TIMESTAMPTZ(3)[],
    "actor" TEXT,
    "reason" TEXT,
    -- S8: problems beside the state, as `[{type, since, message}]`.
    "conditions" JSONB NOT NULL DEFAULT '[]',
    -- L7: going silent and coming back is a change of the row, whatever the state, and so an event (E1). Generated, so that
    -- no code path can forget it: a supervisor is connected unless it is DISCONNECTED, or carries the condition that its
    -- lease ran out while it kept its state (DISABLED, or held by L6).
    "connected" BOOLEAN GENERATED ALWAYS AS (
        "state" <> 'DISCONNECTED' AND NOT "conditions" @> '[{"type": "LEASE_EXPIRED"}]'
    ) STORED NOT NULL,
    "cordoned" BOOLEAN NOT NULL DEFAULT false,
    -- A drain is part of the supervisor's row, so that watchers of supervisors see it begin and end.
    "drain_state" "drain_state",
    "drain_started_at" TIMESTAMPTZ(3),
    "drain_deadline_at" TIMESTAMPTZ(3),
    "drain_ended_at" TIMESTAMPTZ(3),
    -- D2: whether the supervisor was cordoned by itself, and stays so when the drain is undone.
    "drain_keeps_cordon" BOOLEAN NOT NULL DEFAULT false,
    -- D4: drains that were asked for together, how many of them may be under way, and how long each may take.
    "drain_group" TEXT COLLATE "C",
    "drain_max_parallel" INTEGER,
    "drain_seconds" INTEGER,
    CONSTRAINT "supervisors_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "supervisors_id_format" CHECK ("id" ~ '^supervisor-[0-9a-f]{12}$'),
    CONSTRAINT "supervisors_domain_id_format" CHECK ("domain_id" ~ '^[A-Za-z0-9._-]{1,64}$'),
    CONSTRAINT "supervisors_hostname_length" CHECK (char_length("hostname") BETWEEN 1 AND 255),
    CONSTRAINT "supervisors_name_length" CHECK (char_length("name") BETWEEN 1 AND 255),
    CONSTRAINT "supervisors_labels_object" CHECK (jsonb_typeof("labels") = 'object'),
    CONSTRAINT "supervisors_tags_object" CHECK (jsonb_typeof("tags") = 'object'),
    -- S2: only a supervisor that an operator has registered is ever enabled or disabled.
    CONSTRAINT "supervisors_registered" CHECK ("state" NOT IN ('ENABLED', 'DISABLED') OR "registered_at" IS NOT NULL),
    CONSTRAINT "supervisors_pending" CHECK ("state" <> 'PENDING' OR "registered_at" IS NULL),
    -- S6: a secret that is fixed can't be fixed again.
    CONSTRAINT "supervisors_secret" CHECK ("secret_hash" IS NULL OR NOT "secret_open"),
    -- Only a registered supervisor is awaited.
    CONSTRAINT "supervisors_awaits_first_publish" CHECK (
        NOT "awaits_first_publish" OR ("registered_at" IS NOT NULL AND "secret_hash" IS NULL)),
    CONSTRAINT "supervisors_drain" CHECK (
        coalesce("drain_state" <> 'QUEUED', false) = ("drain_started_at" IS NOT NULL)
        AND coalesce("drain_state" <> 'QUEUED', false) = ("drain_deadline_at" IS NOT NULL)
        AND ("drain_ended_at" IS NOT NULL) = coalesce("drain_state" IN ('DRAINED', 'EXPIRED'), false)
        AND ("drain_state" IS DISTINCT FROM 'QUEUED'
            OR ("drain_group" IS NOT NULL AND "drain_max_parallel" IS NOT NULL AND "drain_seconds" IS NOT NULL))
        AND ("drain_state" IS NULL OR "cordoned"))
);

-- L2: a heartbeat rewrites its lease in place (HOT). Half of each page stays free for that, and vacuum comes early.
CREATE TABLE "leases" (
    "supervisor_id" TEXT COLLATE "C" NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3),
    -- S8: live agents of one hostname are noticed, however many and in whatever order they take turns: runs that were
    -- replaced are kept as hashes, the newest first, while the next replacement comes within a lease.
    "boot_id" TEXT,
    "replaced_runs" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    "run_replaced_at" TIMESTAMPTZ(3),
    "duplicate_seen_at" TIMESTAMPTZ(3),
    -- S12: the sequence numbers of the last report of the current run, and of the run before it.
    "sequence" INTEGER,
    "previous_sequence" INTEGER,
    -- How many lists the agent has fetched since it last published, and since when.
    "unpublished_lists" INTEGER NOT NULL DEFAULT 0,
    "unpublished_since" TIMESTAMPTZ(3),
    CONSTRAINT "leases_pkey" PRIMARY KEY ("supervisor_id"),
    CONSTRAINT "leases_supervisor_id_fkey" FOREIGN KEY ("supervisor_id") REFERENCES "supervisors"("id") ON DELETE CASCADE ON UPDATE CASCADE
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE "plugins" (
    "id" TEXT COLLATE "C" NOT NULL,
    "supervisor_id" TEXT COLLATE "C" NOT NULL,
    "domain_id" TEXT COLLATE "C" NOT NULL,
    "plugin_id" TEXT COLLATE "C" NOT NULL,
    "version" TEXT COLLATE "C" NOT NULL,
    -- M5: the place of the version in the order of versions is stored, since a list would work it out anew for each of its
    -- rows.
    "version_key" TEXT COLLATE "C" GENERATED ALWAYS AS ("version_sort_key"("version")) STORED NOT NULL,
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
    -- S8: endpoints that take turns show several agents with one hostname, where these have no boot ids.
    "replaced_endpoints" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    "endpoint_replaced_at" TIMESTAMPTZ(3),
    -- P5: the number of the attempt at the current generation, and when the next attempt is due.
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "next_attempt_at" TIMESTAMPTZ(3),
    -- P3: the generation in the list that the agent last fetched.
    "offered_generation" INTEGER NOT NULL DEFAULT 0,
    -- M1: the labels that its supervisor's labels must contain, wherever it is moved.
    "placement_labels" JSONB NOT NULL DEFAULT '{}',
    -- M2: whether public supervisors of other domains may take it, wherever it is moved.
    "allow_public" BOOLEAN NOT NULL DEFAULT true,
    -- The plugin on another supervisor that this row replaces once it is ACTIVE.
    "replaces_id" TEXT COLLATE "C",
    -- Whether no report has had this plugin yet.
    "unreported" BOOLEAN NOT NULL DEFAULT false,
    -- The generation that is left out of the agent's list; 0 for none.
    "withheld_generation" INTEGER NOT NULL DEFAULT 0,
    -- M6: a plugin that was installed on a named supervisor is never moved.
    "pinned" BOOLEAN NOT NULL DEFAULT false,
    -- D3: the supervisors on which replacements of the plugin failed, the last one at the end.
    "failed_supervisor_ids" TEXT[] DEFAULT ARRAY[]::TEXT[],
    CONSTRAINT "plugins_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "plugins_supervisor_id_fkey" FOREIGN KEY ("supervisor_id") REFERENCES "supervisors"("id") ON DELETE CASCADE ON UPDATE CASCADE,
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

-- S10: hostnames are one whatever the case of their ASCII letters; the collation "C" makes `lower` know those alone.
-- Lists by hostname, and filters, read the index of hostnames as they are shown.
CREATE UNIQUE INDEX "supervisors_domain_id_hostname_lower_key" ON "supervisors"("domain_id", lower("hostname" COLLATE "C"));
-- two domains may have the same plugin and version on a public supervisor.
CREATE UNIQUE INDEX "plugins_supervisor_id_plugin_id_version_domain_id_key" ON "plugins"("supervisor_id", "plugin_id", "version", "domain_id");

-- Lists come in any of the schema's orders, for a domain or for all domains: each order has an index to start in the
-- middle of. A heartbeat writes to leases alone, which have no such index. The columns that a plugin's change writes
-- (state, state_changed_at, updated_at) are indexed for one domain only.
CREATE INDEX "supervisors_name_id_idx" ON "supervisors"("name", "id");
CREATE INDEX "supervisors_domain_id_hostname_id_idx" ON "supervisors"("domain_id", "hostname", "id");
CREATE INDEX "supervisors_domain_id_id_idx" ON "supervisors"("domain_id", "id");
CREATE INDEX "supervisors_domain_id_name_id_idx" ON "supervisors"("domain_id", "name", "id");
CREATE INDEX "supervisors_domain_id_state_id_idx" ON "supervisors"("domain_id", "state", "id");
CREATE INDEX "supervisors_domain_id_priority_id_idx" ON "supervisors"("domain_id", "priority", "id");
CREATE INDEX "supervisors_domain_id_created_at_id_idx" ON "supervisors"("domain_id", "created_at", "id");
CREATE INDEX "supervisors_domain_id_updated_at_id_idx" ON "supervisors"("domain_id", "updated_at", "id");
CREATE INDEX "supervisors_labels_idx" ON "supervisors" USING GIN ("labels" jsonb_path_ops);
CREATE INDEX "plugins_plugin_id_version_id_idx" ON "plugins"("plugin_id", "version", "id");
CREATE INDEX "plugins_domain_id_id_idx" ON "plugins"("domain_id", "id");
CREATE INDEX "plugins_domain_id_plugin_id_version_id_idx" ON "plugins"("domain_id", "plugin_id", "version", "id");
CREATE INDEX "plugins_domain_id_version_key_id_idx" ON "plugins"("domain_id", "version_key", "id");
CREATE INDEX "plugins_domain_id_supervisor_id_id_idx" ON "plugins"("domain_id", "supervisor_id", "id");
CREATE INDEX "plugins_domain_id_created_at_id_idx" ON "plugins"("domain_id", "created_at", "id");
CREATE INDEX "plugins_domain_id_state_id_idx" ON "plugins"("domain_id", "state", "id");
CREATE INDEX "plugins_domain_id_state_changed_at_id_idx" ON "plugins"("domain_id", "state_changed_at", "id");
CREATE INDEX "plugins_domain_id_updated_at_id_idx" ON "plugins"("domain_id", "updated_at", "id");

-- Few supervisors are drained, public, refused, flapping or disconnected, and few plugins are provisioned, wait for an attempt or are moved.
CREATE INDEX "supervisors_draining_idx" ON "supervisors"("id") WHERE "drain_state" IN ('QUEUED', 'DRAINING');
CREATE INDEX "supervisors_public_idx" ON "supervisors"("id") WHERE "is_public";
CREATE INDEX "supervisors_identity_refused_idx" ON "supervisors"("id") WHERE "conditions" @> '[{"type": "IDENTITY_REFUSED"}]';
CREATE INDEX "supervisors_flapping_idx" ON "supervisors"("id") WHERE "conditions" @> '[{"type": "FLAPPING"}]';
CREATE INDEX "supervisors_disconnected_idx" ON "supervisors"("id") WHERE "state" = 'DISCONNECTED';
CREATE INDEX "plugins_deadline_at_idx" ON "plugins"("deadline_at") WHERE "deadline_at" IS NOT NULL;
CREATE INDEX "plugins_next_attempt_at_idx" ON "plugins"("next_attempt_at") WHERE "next_attempt_at" IS NOT NULL;
CREATE INDEX "plugins_replaces_id_idx" ON "plugins"("replaces_id") WHERE "replaces_id" IS NOT NULL;

-- Keeps updated_at (and a plugin's state_changed_at) true for every writer. A change of hidden columns alone is no
-- change (L2). The trigger's arguments are the hidden columns.
CREATE FUNCTION "touch_row"() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    -- A generated column has no value yet in a BEFORE trigger; the columns that it is made of are compared.
    generated constant text[] := ARRAY['connected'];
BEGIN
    IF to_jsonb(NEW) - TG_ARGV - generated IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV - generated THEN
        NEW."updated_at" := now();
    END IF;
    IF TG_TABLE_NAME = 'plugins' AND NEW."state" IS DISTINCT FROM OLD."state" THEN
        NEW."state_changed_at" := now();
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER "supervisors_touch" BEFORE UPDATE ON "supervisors" FOR EACH ROW
EXECUTE FUNCTION "touch_row"('operator_fields', 'secret_hash', 'secret_open', 'awaits_first_publish', 'state_changes', 'actor', 'reason');

CREATE TRIGGER "plugins_touch" BEFORE UPDATE ON "plugins" FOR EACH ROW
EXECUTE FUNCTION "touch_row"('version_key', 'deadline_at', 'missing_reports', 'missing_since', 'actor', 'replaced_endpoints', 'endpoint_replaced_at', 'offered_generation', 'placement_labels', 'allow_public', 'replaces_id', 'unreported', 'withheld_generation');

-- how many supervisors and plugins a domain has. A transaction that inserts one of them locks the domain's row here
-- until the commit, and so sees the count after every earlier transaction: no quota is passed by inserting at the same
-- time. The triggers count all rows of a statement with its first one, since counting each would rewrite one row as
-- often; and they are triggers FOR EACH ROW, since most reports insert and delete nothing, and should cost nothing.
CREATE TABLE "domain_usage" (
    "domain_id" TEXT COLLATE "C" NOT NULL,
    "supervisors" INTEGER NOT NULL DEFAULT 0,
    -- Supervisors that were never registered.
    "newcomers" INTEGER NOT NULL DEFAULT 0,
    "plugins" INTEGER NOT NULL DEFAULT 0,
    -- API keys that were not revoked. Keys that have expired count until they are counted anew, where the quota is reached.
    "keys" INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT "domain_usage_pkey" PRIMARY KEY ("domain_id")
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

CREATE FUNCTION "count_supervisors"() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (CASE TG_OP WHEN 'INSERT' THEN NEW."id" ELSE OLD."id" END) = (SELECT "id" FROM "counted" LIMIT 1) THEN
        INSERT INTO "domain_usage" AS "u" ("domain_id", "supervisors", "newcomers")
        SELECT "domain_id", "sign" * count(*), "sign" * count(*) FILTER (WHERE "registered_at" IS NULL)
        FROM "counted", (SELECT CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END AS "sign") AS "s"
        GROUP BY "domain_id", "sign" ORDER BY "domain_id"
        ON CONFLICT ("domain_id") DO UPDATE SET
            "supervisors" = "u"."supervisors" + excluded."supervisors",
            "newcomers" = "u"."newcomers" + excluded."newcomers";
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER "supervisors_count_added" AFTER INSERT ON "supervisors"
REFERENCING NEW TABLE AS "counted" FOR EACH ROW EXECUTE FUNCTION "count_supervisors"();

CREATE TRIGGER "supervisors_count_removed" AFTER DELETE ON "supervisors"
REFERENCING OLD TABLE AS "counted" FOR EACH ROW EXECUTE FUNCTION "count_supervisors"();

CREATE FUNCTION "count_registration"() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE "domain_usage" SET "newcomers" = "newcomers" - 1 WHERE "domain_id" = NEW."domain_id";
    RETURN NULL;
END
$$;

CREATE TRIGGER "supervisors_count_registered" AFTER UPDATE OF "registered_at" ON "supervisors" FOR EACH ROW
WHEN (OLD."registered_at" IS NULL AND NEW."registered_at" IS NOT NULL) EXECUTE FUNCTION "count_registration"();

CREATE FUNCTION "count_plugins"() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (CASE TG_OP WHEN 'INSERT' THEN NEW."id" ELSE OLD."id" END) = (SELECT "id" FROM "counted" LIMIT 1) THEN
        INSERT INTO "domain_usage" AS "u" ("domain_id", "plugins")
        SELECT "domain_id", "sign" * count(*)
        FROM "counted", (SELECT CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END AS "sign") AS "s"
        GROUP BY "domain_id", "sign" ORDER BY "domain_id"
        ON CONFLICT ("domain_id") DO UPDATE SET "plugins" = "u"."plugins" + excluded."plugins";
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER "plugins_count_added" AFTER INSERT ON "plugins"
REFERENCING NEW TABLE AS "counted" FOR EACH ROW EXECUTE FUNCTION "count_plugins"();

CREATE TRIGGER "plugins_count_removed" AFTER DELETE ON "plugins"
REFERENCING OLD TABLE AS "counted" FOR EACH ROW EXECUTE FUNCTION "count_plugins"();

-- S5: hostnames that may neither publish nor fetch. They need not be known, and stay when their supervisor goes.
CREATE TABLE "blocked_hostnames" (
    "domain_id" TEXT COLLATE "C" NOT NULL,
    -- S10: the hostname with its ASCII letters in lower case.
    "hostname_key" TEXT COLLATE "C" NOT NULL,
    "hostname" TEXT COLLATE "C" NOT NULL,
    "note" TEXT,
    "blocked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "blocked_by" TEXT NOT NULL,
    CONSTRAINT "blocked_hostnames_pkey" PRIMARY KEY ("domain_id", "hostname_key"),
    CONSTRAINT "blocked_hostnames_domain_id_format" CHECK ("domain_id" ~ '^[A-Za-z0-9._-]{1,64}$'),
    CONSTRAINT "blocked_hostnames_hostname_length" CHECK (char_length("hostname") BETWEEN 1 AND 255),
    CONSTRAINT "blocked_hostnames_note_length" CHECK (char_length("note") BETWEEN 1 AND 255),
    CONSTRAINT "blocked_hostnames_hostname_key" CHECK ("hostname_key" = lower("hostname"))
);

-- Rollouts

CREATE TABLE "rollouts" (
    "id" TEXT COLLATE "C" NOT NULL,
    "domain_id" TEXT COLLATE "C" NOT NULL,
    "plugin_id" TEXT COLLATE "C" NOT NULL,
    "from_version" TEXT COLLATE "C" NOT NULL,
    "to_version" TEXT COLLATE "C" NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "max_unavailable" INTEGER NOT NULL,
    "healthy_deadline_seconds" INTEGER NOT NULL,
    "min_healthy_seconds" INTEGER NOT NULL DEFAULT 10,
    "max_failures" INTEGER NOT NULL DEFAULT 0,
    "on_failure" "rollout_failure_action" NOT NULL DEFAULT 'ROLL_BACK',
    "deadline_seconds" INTEGER NOT NULL DEFAULT 86400,
    "deadline_at" TIMESTAMPTZ(3) NOT NULL,
    "canary_count" INTEGER,
    "auto_promote_seconds" INTEGER,
    "promotable_since" TIMESTAMPTZ(3),
    "promoted_at" TIMESTAMPTZ(3),
    "accepted_failures" INTEGER NOT NULL DEFAULT 0,
    "rollback_deadline_at" TIMESTAMPTZ(3),
    "state" "rollout_state" NOT NULL DEFAULT 'RUNNING',
    "message" TEXT,
    "actor" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    CONSTRAINT "rollouts_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "rollouts_id_format" CHECK ("id" ~ '^rollout-[0-9a-f]{12}$'),
    CONSTRAINT "rollouts_versions" CHECK ("from_version" <> "to_version"),
    CONSTRAINT "rollouts_max_unavailable" CHECK ("max_unavailable" >= 1),
    CONSTRAINT "rollouts_ended" CHECK (("ended_at" IS NOT NULL)
        = ("state" IN ('COMPLETED', 'CANCELED', 'ROLLED_BACK', 'ROLLBACK_FAILED'))),
    CONSTRAINT "rollouts_canary" CHECK ("canary_count" >= 1 AND ("auto_promote_seconds" IS NULL OR "canary_count" IS NOT NULL)),
    CONSTRAINT "rollouts_rollback_deadline" CHECK ("state" <> 'ROLLING_BACK' OR "rollback_deadline_at" IS NOT NULL)
);
CREATE INDEX "rollouts_domain_id_created_at_id_idx" ON "rollouts"("domain_id", "created_at", "id");
-- One rollout of a plugin at a time, since two would move each other's versions.
CREATE UNIQUE INDEX "rollouts_running_key" ON "rollouts"("domain_id", "plugin_id") WHERE "ended_at" IS NULL;

CREATE TABLE "rollout_steps" (
    "rollout_id" TEXT COLLATE "C" NOT NULL,
    "supervisor_id" TEXT COLLATE "C" NOT NULL,
    "position" INTEGER NOT NULL,
    "state" "rollout_step_state" NOT NULL DEFAULT 'WAITING',
    "message" TEXT,
    "deadline_at" TIMESTAMPTZ(3),
    "healthy_since" TIMESTAMPTZ(3),
    "healthy_mark" TIMESTAMPTZ(3),
    CONSTRAINT "rollout_steps_pkey" PRIMARY KEY ("rollout_id", "supervisor_id"),
    CONSTRAINT "rollout_steps_rollout_id_fkey" FOREIGN KEY ("rollout_id") REFERENCES "rollouts"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "rollout_steps_supervisor_id_fkey" FOREIGN KEY ("supervisor_id") REFERENCES "supervisors"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "rollout_steps_deadline" CHECK (("deadline_at" IS NOT NULL) = ("state" IN ('INSTALLING', 'REVERTING')))
);
CREATE INDEX "rollout_steps_supervisor_id_idx" ON "rollout_steps"("supervisor_id");

-- The control plane itself

-- L6: problems of a whole domain.
CREATE TABLE "domain_conditions" (
    "domain_id" TEXT COLLATE "C" NOT NULL,
    "type" TEXT COLLATE "C" NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "message" TEXT NOT NULL,
    CONSTRAINT "domain_conditions_pkey" PRIMARY KEY ("domain_id", "type")
);

-- L5: when some replica last swept. Time in which no replica swept counts for no lease and no deadline.
CREATE TABLE "control_plane" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "last_sweep_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "control_plane_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "control_plane_single" CHECK ("id" = 1)
);

INSERT INTO "control_plane" DEFAULT VALUES;

-- A4: credentials that Muster itself hands out. Only a hash of a key is stored. A revoked key stays, so that a server
-- which has ever had a key never runs open again (A5).
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
    -- the key by which this one was made.
    "made_by_key" TEXT COLLATE "C",
    -- the only host that an agent with this key speaks for.
    "hostname" TEXT COLLATE "C",
    -- an enrollment key brings in at most this number of newcomers, and does nothing else.
    "max_newcomers" INTEGER,
    "newcomers" INTEGER NOT NULL DEFAULT 0,
    "newcomer_labels" JSONB,
    "registers_newcomers" BOOLEAN NOT NULL DEFAULT false,
    -- A8: when the keys of its newcomers expire.
    "newcomer_keys_expire_at" TIMESTAMPTZ(3),
    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "api_keys_name_length" CHECK (char_length("name") BETWEEN 1 AND 255),
    -- A2: only an ADMIN's credential is for no single domain.
    CONSTRAINT "api_keys_domain_or_admin" CHECK ("domain_id" IS NOT NULL OR "role" = 'ADMIN'),
    CONSTRAINT "api_keys_hostname" CHECK ("hostname" IS NULL OR ("role" = 'SUPERVISOR' AND char_length("hostname") BETWEEN 1 AND 255)),
    CONSTRAINT "api_keys_enrollment" CHECK (
        CASE WHEN "max_newcomers" IS NULL
        THEN "newcomers" = 0 AND "newcomer_labels" IS NULL AND NOT "registers_newcomers" AND "newcomer_keys_expire_at" IS NULL
        ELSE "role" = 'SUPERVISOR' AND "hostname" IS NULL AND "max_newcomers" >= 1
            AND "newcomers" BETWEEN 0 AND "max_newcomers" END)
);
CREATE INDEX "api_keys_domain_id_created_at_id_idx" ON "api_keys"("domain_id", "created_at", "id");
CREATE INDEX "api_keys_made_by_key_created_at_id_idx" ON "api_keys"("made_by_key", "created_at", "id");

CREATE FUNCTION "count_keys"() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO "domain_usage" AS "u" ("domain_id", "keys")
        SELECT coalesce("domain_id", '*'), count(*) FROM "counted" GROUP BY 1 ORDER BY 1
        ON CONFLICT ("domain_id") DO UPDATE SET "keys" = "u"."keys" + excluded."keys";
    ELSE
        UPDATE "domain_usage" AS "u" SET "keys" = "u"."keys" - "r"."keys"
        FROM (
            SELECT coalesce("c"."domain_id", '*') AS "domain_id", count(*) AS "keys"
            FROM "counted" AS "c" JOIN "before" AS "b" ON "b"."id" = "c"."id"
            WHERE "b"."revoked_at" IS NULL AND "c"."revoked_at" IS NOT NULL
                AND ("c"."expires_at" IS NULL OR "c"."expires_at" > now())
            GROUP BY 1) AS "r"
        WHERE "u"."domain_id" = "r"."domain_id";
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER "api_keys_count_added" AFTER INSERT ON "api_keys"
REFERENCING NEW TABLE AS "counted" FOR EACH STATEMENT EXECUTE FUNCTION "count_keys"();

CREATE TRIGGER "api_keys_count_revoked" AFTER UPDATE ON "api_keys"
REFERENCING OLD TABLE AS "before" NEW TABLE AS "counted" FOR EACH STATEMENT EXECUTE FUNCTION "count_keys"();

-- E6: wakes all replicas for a new or a revoked key. Like any NOTIFY it is a hint; replicas also poll.
CREATE FUNCTION "notify_keys"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('muster_keys', '');
  RETURN NULL;
END $$;

CREATE TRIGGER "api_keys_notify" AFTER INSERT OR DELETE OR UPDATE OF "role", "domain_id", "secret_hash", "expires_at", "revoked_at", "hostname", "max_newcomers"
ON "api_keys" FOR EACH STATEMENT EXECUTE FUNCTION "notify_keys"();

-- The event log
--
-- E1: the triggers below write it, so that no code path can forget it.
-- E2: the triggers are deferred to commit, where they take one lock that is held until the transaction is visible, and
-- number the event under that lock. So the numbers are the order of commits: a reader that has seen event n has seen, or
-- can now see, every event below n. A sequence read at the time of the change would not give that order (a reader passes
-- a number whose transaction is still open), nor would (transaction id, sequence): a transaction that began first but
-- waited for a row would come before the change that it waited for. The lock costs little beside NOTIFY, which makes
-- commits take turns anyhow. A long transaction delays no other, since it takes the lock at its end.

CREATE TABLE "events" (
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "domain_id" TEXT COLLATE "C" NOT NULL,
    "kind" "event_kind" NOT NULL,
    -- Null for an event of an API key, of a blocked hostname or of a rollout.
    "supervisor_id" TEXT COLLATE "C",
    "plugin_instance_id" TEXT COLLATE "C",
    "api_key_id" TEXT COLLATE "C",
    "rollout_id" TEXT COLLATE "C",
    "from" TEXT,
    "to" TEXT,
    "actor" TEXT,
    "reason" TEXT,
    "changes" JSONB,
    "row" JSONB NOT NULL,
    CONSTRAINT "events_pkey" PRIMARY KEY ("seq")
) PARTITION BY RANGE ("seq");

CREATE SEQUENCE "events_seq" OWNED BY "events"."seq";

CREATE INDEX "events_domain_id_seq_idx" ON "events"("domain_id", "seq");
CREATE INDEX "events_supervisor_id_seq_idx" ON "events"("supervisor_id", "seq");
CREATE INDEX "events_plugin_instance_id_seq_idx" ON "events"("plugin_instance_id", "seq");
CREATE INDEX "events_rollout_id_seq_idx" ON "events"("rollout_id", "seq");

-- The number of rows changes only when a row is created or deleted: the newest such event is the key of a cached count.
CREATE INDEX "events_supervisor_count_idx" ON "events"("seq") WHERE "kind" IN ('SUPERVISOR_CREATED', 'SUPERVISOR_DELETED');
CREATE INDEX "events_supervisor_count_domain_idx" ON "events"("domain_id", "seq") WHERE "kind" IN ('SUPERVISOR_CREATED', 'SUPERVISOR_DELETED');
CREATE INDEX "events_plugin_count_idx" ON "events"("seq") WHERE "kind" IN ('PLUGIN_CREATED', 'PLUGIN_DELETED');
CREATE INDEX "events_plugin_count_domain_idx" ON "events"("domain_id", "seq") WHERE "kind" IN ('PLUGIN_CREATED', 'PLUGIN_DELETED');

-- E3: which log this is, how far it has been trimmed, and its epochs.
CREATE TABLE "event_log" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "log_id" TEXT NOT NULL,
    "trimmed_through" BIGINT NOT NULL DEFAULT 0,
    -- O5: its number, and from the second on a random text: epochs of two histories have different names.
    "epoch" TEXT NOT NULL DEFAULT '1',
    -- O5: the epochs before, oldest first, each with its last event: `[{epoch, through}]`.
    "past_epochs" JSONB NOT NULL DEFAULT '[]',
    -- O5: what `event_log_origin` said when the epoch began.
    "origin" TEXT NOT NULL,
    -- Events from this number on have no partition yet.
    "partitioned_before" BIGINT NOT NULL DEFAULT 0,
    -- The numbers of one partition.
    "partition_events" BIGINT NOT NULL DEFAULT 5000000,
    CONSTRAINT "event_log_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "event_log_single" CHECK ("id" = 1),
    CONSTRAINT "event_log_epoch_format" CHECK ("epoch" ~ '^[1-9][0-9]*(-[0-9a-f]{8})?$'),
    CONSTRAINT "event_log_partition_events" CHECK ("partition_events" >= 1)
);

-- Functions that run with their owner's rights: a role without the right to create tables makes partitions by them.
-- They look for tables where these lie, and for temporary ones last.
SELECT set_config('search_path', concat_ws(', ', quote_ident(current_schema()), 'pg_temp'), true);

-- O5: tells this database from its copies and its past. A promoted standby, or files that were put back, belong to another
-- run of a server; a dump that was restored lies in another file. That there was no more than a restart shows in the log.
CREATE FUNCTION "event_log_origin"() RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT concat(extract(epoch FROM pg_postmaster_start_time()), ' ', pg_relation_filepath('"event_log"'))
$$;

INSERT INTO "event_log" ("log_id", "origin")
VALUES (substr(replace(gen_random_uuid()::text, '-', ''), 1, 12), "event_log_origin"());

-- Partitions are ranges of numbers, named after the first one. Servers make them ahead, and `next_event_seq` makes one where
-- there is none. The table is made first and attached then, which bars neither readers nor writers; for that, there must be
-- no default partition.
CREATE FUNCTION "add_event_partition"("at_least" bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    first bigint; past bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(x'6d7573746572'::bigint);
    SELECT greatest("partitioned_before", "at_least"), greatest("partitioned_before", "at_least") + "partition_events"
    INTO first, past FROM "event_log";
    EXECUTE format('CREATE TABLE %I (LIKE "events" INCLUDING STORAGE INCLUDING COMPRESSION)', 'events_' || first);
    EXECUTE format('ALTER TABLE "events" ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', 'events_' || first, first, past);
    UPDATE "event_log" SET "partitioned_before" = past;
END
$$;

SELECT "add_event_partition"(0), "add_event_partition"(0);

CREATE FUNCTION "event_partitions"() RETURNS TABLE ("name" text, "first" bigint)
LANGUAGE sql STABLE AS $$
    SELECT c."relname", substr(c."relname", 8)::bigint FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = '"events"'::regclass AND c."relname" ~ '^events_[0-9]+$'
$$;

-- O5: begins an epoch after the log's last event. Without `keeps`, no place of an earlier one counts any longer.
CREATE FUNCTION "raise_event_epoch"("keeps" boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    head bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(x'6d7573746572'::bigint);
    SELECT greatest("trimmed_through", (SELECT max("seq") FROM "events")) INTO head FROM "event_log";
    UPDATE "event_log" SET
        "past_epochs" = CASE WHEN "keeps"
            THEN "past_epochs" || jsonb_build_object('epoch', "epoch", 'through', head) ELSE '[]' END,
        "epoch" = concat(split_part("epoch", '-', 1)::bigint + 1, '-', substr(replace(gen_random_uuid()::text, '-', ''), 1, 8)),
        "origin" = "event_log_origin"();
    -- A number that is taken would be refused.
    IF (SELECT "last_value" FROM "events_seq") < head THEN
        PERFORM setval('events_seq', head);
    END IF;
    PERFORM pg_notify('muster_events', '');
END
$$;

-- O5: for a server that starts: begins an epoch where this is another database than before, and mends the sequence.
CREATE FUNCTION "open_event_log"() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    head bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(x'6d7573746572'::bigint);
    IF (SELECT "origin" <> "event_log_origin"() FROM "event_log") THEN
        PERFORM "raise_event_epoch"(true);
    END IF;
    SELECT max("seq") INTO head FROM "events";
    IF (SELECT "last_value" FROM "events_seq") < head THEN
        PERFORM setval('events_seq', head);
    END IF;
END
$$;

-- O5: for a server that has read events of the epoch `seen` which are no longer there: begins another one, once for all
-- servers. Where this is not even another database, nothing says from where on the events are others, so that no place counts.
CREATE FUNCTION "renew_event_log"("seen" text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(x'6d7573746572'::bigint);
    IF (SELECT "epoch" = "seen" FROM "event_log") THEN
        PERFORM "raise_event_epoch"((SELECT "origin" <> "event_log_origin"() FROM "event_log"));
    END IF;
END
$$;

-- E2, O5: the number of the next event, which is the first of an epoch where this is another database than before.
-- 0x6d7573746572 is "muster" in ASCII: the lock that makes the numbers the order of commits.
CREATE FUNCTION "next_event_seq"() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    present text; past bigint; place bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(x'6d7573746572'::bigint);
    SELECT "origin", "partitioned_before" INTO present, past FROM "event_log";
    IF present <> "event_log_origin"() THEN
        PERFORM "raise_event_epoch"(true);
    END IF;
    place := nextval('events_seq');
    IF place >= past THEN
        PERFORM "add_event_partition"(place);
    END IF;
    RETURN place;
END
$$;

-- Makes partitions ahead. Where the partition that events go to has one from before `began_before`, the next events go to
-- the next partition, so that a log with few events is trimmed, too.
CREATE FUNCTION "prepare_event_partitions"("began_before" timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    last bigint; present bigint; next bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(x'6d7573746572'::bigint);
    SELECT "last_value" INTO last FROM "events_seq";
    WHILE (SELECT count(*) FROM "event_partitions"() WHERE "first" > last + 1) < 2 LOOP
        PERFORM "add_event_partition"(0);
    END LOOP;
    SELECT max("first") FILTER (WHERE "first" <= last + 1), min("first") FILTER (WHERE "first" > last + 1)
    INTO present, next FROM "event_partitions"();
    IF (SELECT "at" FROM "events" WHERE "seq" >= present ORDER BY "seq" LIMIT 1) < "began_before" THEN
        PERFORM setval('events_seq', next - 1);
    END IF;
END
$$;

-- E3: drops the oldest partition, if all its events are from before `ended_before`, and records the new bound in the same
-- transaction, so that nobody resumes across the gap. Returns whether it did. Waits for nobody who reads or writes events,
-- since others would wait behind it: then it returns null, and leaves all as it was.
CREATE FUNCTION "drop_oldest_event_partition"("ended_before" timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    oldest text; since bigint; past bigint; newest bigint; ended timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(x'6d7573746572'::bigint);
    SELECT "name", "first" INTO oldest, since FROM "event_partitions"() ORDER BY "first" LIMIT 1;
    SELECT min("first") INTO past FROM "event_partitions"() WHERE "first" > since;
    -- Events still go to it.
    IF past IS NULL OR (SELECT "last_value" FROM "events_seq") + 1 < past THEN
        RETURN false;
    END IF;
    SELECT "seq", "at" INTO newest, ended FROM "events" WHERE "seq" >= since AND "seq" < past ORDER BY "seq" DESC LIMIT 1;
    IF ended >= "ended_before" THEN
        RETURN false;
    END IF;
    BEGIN
        LOCK TABLE ONLY "events" IN ACCESS EXCLUSIVE MODE NOWAIT;
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE NOWAIT', oldest);
    EXCEPTION WHEN lock_not_available THEN
        RETURN NULL;
    END;
    EXECUTE format('DROP TABLE %I', oldest);
    UPDATE "event_log" SET
        "trimmed_through" = greatest("trimmed_through", newest),
        -- Of an epoch that ended before the bound, no place is left.
        "past_epochs" = (
            SELECT coalesce(jsonb_agg(e ORDER BY n), '[]')
            FROM jsonb_array_elements("past_epochs") WITH ORDINALITY AS p(e, n)
            WHERE (e ->> 'through')::bigint >= greatest("trimmed_through", newest));
    RETURN true;
END
$$;

-- Only roles that were given the right may drop history.
REVOKE EXECUTE ON FUNCTION "drop_oldest_event_partition"(timestamptz) FROM PUBLIC;

-- Arguments: the entity's name in event kinds, then the columns that no viewer sees.
-- The row says who made a change and why (`actor`, `reason`). A deletion has no new row: the transaction's setting
-- `muster.deletions` says it for each id (`{id: {actor, reason}}`), or `muster.actor` and `muster.reason` for all rows
-- that the transaction deletes.
CREATE FUNCTION "record_event"() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    entity constant text := TG_ARGV[0];
    hidden constant text[] := TG_ARGV[1:];
    -- Every update changes these: they alone are no change.
    stamps constant text[] := ARRAY['updated_at', 'state_changed_at'];
    old_row jsonb; new_row jsonb; whole jsonb; differing jsonb; deletion jsonb;
    what text; from_state text; to_state text; who text; why text; place bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        old_row := to_jsonb(OLD) - hidden;
        from_state := OLD."state";
    END IF;
    IF TG_OP <> 'DELETE' THEN
        new_row := to_jsonb(NEW) - hidden;
        to_state := NEW."state";
    END IF;

    IF TG_OP = 'INSERT' THEN
        what := 'CREATED';
        from_state := 'NONE';
    ELSIF TG_OP = 'DELETE' THEN
        what := 'DELETED';
        to_state := 'NONE';
    ELSE
        IF old_row - stamps = new_row - stamps THEN
            RETURN NULL;
        END IF;
        SELECT jsonb_object_agg(n.key, jsonb_build_object('from', old_row -> n.key, 'to', n.value))
        INTO differing
        FROM jsonb_each(new_row) AS n
        WHERE n.value IS DISTINCT FROM old_row -> n.key;
        IF from_state = to_state THEN
            what := 'UPDATED';
            from_state := NULL;
            to_state := NULL;
        ELSE
            what := 'STATE_CHANGED';
        END IF;
    END IF;

    IF TG_OP = 'DELETE' THEN
        deletion := nullif(current_setting('muster.deletions', true), '')::jsonb -> OLD."id";
        who := coalesce(deletion ->> 'actor', nullif(current_setting('muster.actor', true), ''));
        why := coalesce(deletion ->> 'reason', nullif(current_setting('muster.reason', true), ''));
    ELSE
        who := NEW."actor";
        why := NEW."reason";
    END IF;
    whole := coalesce(new_row, old_row);

    place := "next_event_seq"();
    INSERT INTO "events" ("seq", "at", "domain_id", "kind", "supervisor_id", "plugin_instance_id", "from", "to", "actor", "reason", "changes", "row")
    VALUES (
        place, clock_timestamp(), whole ->> 'domain_id',
        (entity || '_' || what)::"event_kind",
        CASE entity WHEN 'SUPERVISOR' THEN whole ->> 'id' ELSE whole ->> 'supervisor_id' END,
        CASE entity WHEN 'PLUGIN' THEN whole ->> 'id' END,
        from_state, to_state, who, why, differing, whole
    );
    -- Wakes the tail of every replica. It carries no data: a wake-up may be lost, the log may not.
    PERFORM pg_notify('muster_events', '');
    RETURN NULL;
END
$$;

-- E1: events of credentials, which only operators see. The argument is the kind.
CREATE FUNCTION "record_credential_event"() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    whole jsonb := to_jsonb(NEW) - ARRAY['secret_hash', 'secret_open', 'awaits_first_publish', 'state_changes', 'operator_fields', 'last_used_at'];
    place bigint;
BEGIN
    place := "next_event_seq"();
    INSERT INTO "events" ("seq", "at", "domain_id", "kind", "supervisor_id", "api_key_id", "actor", "row")
    VALUES (
        place, clock_timestamp(),
        -- No domain is called so: a key of all domains.
        coalesce(NEW."domain_id", '*'),
        TG_ARGV[0]::"event_kind",
        CASE TG_TABLE_NAME WHEN 'supervisors' THEN NEW."id" END,
        CASE TG_TABLE_NAME WHEN 'api_keys' THEN NEW."id" END,
        CASE TG_ARGV[0] WHEN 'API_KEY_CREATED' THEN whole ->> 'created_by'
            WHEN 'API_KEY_REVOKED' THEN whole ->> 'revoked_by' ELSE whole ->> 'actor' END,
        whole - ARRAY['actor', 'reason']
    );
    PERFORM pg_notify('muster_events', '');
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER "supervisors_record_secret_reset" AFTER UPDATE OF "secret_open" ON "supervisors"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW."secret_open" AND NOT OLD."secret_open")
EXECUTE FUNCTION "record_credential_event"('SUPERVISOR_SECRET_RESET');

CREATE CONSTRAINT TRIGGER "api_keys_record_created" AFTER INSERT ON "api_keys"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "record_credential_event"('API_KEY_CREATED');

CREATE CONSTRAINT TRIGGER "api_keys_record_revoked" AFTER UPDATE OF "revoked_at" ON "api_keys"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW."revoked_at" IS NOT NULL AND OLD."revoked_at" IS NULL)
EXECUTE FUNCTION "record_credential_event"('API_KEY_REVOKED');

-- E1: the events of blocks, which only operators see. The setting `muster.actor` says who unblocks.
CREATE FUNCTION "record_block_event"() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    whole jsonb; who text; what text; place bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN
        whole := to_jsonb(OLD) - 'hostname_key';
        who := nullif(current_setting('muster.actor', true), '');
        what := 'HOSTNAME_UNBLOCKED';
    ELSE
        whole := to_jsonb(NEW) - 'hostname_key';
        who := NEW."blocked_by";
        what := 'HOSTNAME_BLOCKED';
    END IF;
    place := "next_event_seq"();
    INSERT INTO "events" ("seq", "at", "domain_id", "kind", "actor", "row")
    VALUES (place, clock_timestamp(), whole ->> 'domain_id', what::"event_kind", who, whole);
    PERFORM pg_notify('muster_events', '');
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER "blocked_hostnames_record_event" AFTER INSERT OR DELETE ON "blocked_hostnames"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "record_block_event"();

CREATE CONSTRAINT TRIGGER "supervisors_record_event" AFTER INSERT OR UPDATE OR DELETE ON "supervisors"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_event"('SUPERVISOR', 'operator_fields', 'secret_hash', 'secret_open', 'awaits_first_publish', 'state_changes', 'actor', 'reason');

CREATE CONSTRAINT TRIGGER "plugins_record_event" AFTER INSERT OR UPDATE OR DELETE ON "plugins"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_event"('PLUGIN', 'version_key', 'deadline_at', 'missing_reports', 'missing_since', 'actor', 'replaced_endpoints', 'endpoint_replaced_at', 'offered_generation', 'placement_labels', 'allow_public', 'replaces_id', 'unreported', 'withheld_generation');

-- R7: the events of rollouts and of their steps.
-- Arguments: the entity's name in event kinds, then the columns that no viewer sees. The transaction's settings
-- `muster.actor` and `muster.reason` say who and why; without them, the control plane itself did it.
CREATE FUNCTION "record_rollout_event"() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    entity constant text := TG_ARGV[0];
    hidden constant text[] := TG_ARGV[1:];
    old_row jsonb; new_row jsonb; whole jsonb; differing jsonb;
    what text; from_state text; to_state text; domain text; place bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        old_row := to_jsonb(OLD) - hidden;
        from_state := OLD."state";
    END IF;
    IF TG_OP <> 'DELETE' THEN
        new_row := to_jsonb(NEW) - hidden;
        to_state := NEW."state";
    END IF;

    IF TG_OP = 'INSERT' THEN
        what := 'CREATED';
        from_state := 'NONE';
    ELSIF TG_OP = 'DELETE' THEN
        what := 'DELETED';
        to_state := 'NONE';
    ELSE
        IF old_row = new_row THEN
            RETURN NULL;
        END IF;
        SELECT jsonb_object_agg(n.key, jsonb_build_object('from', old_row -> n.key, 'to', n.value))
        INTO differing
        FROM jsonb_each(new_row) AS n
        WHERE n.value IS DISTINCT FROM old_row -> n.key;
        IF from_state = to_state THEN
            what := 'UPDATED';
            from_state := NULL;
            to_state := NULL;
        ELSE
            what := 'STATE_CHANGED';
        END IF;
    END IF;
    whole := coalesce(new_row, old_row);
    domain := whole ->> 'domain_id';
    IF entity = 'ROLLOUT_STEP' THEN
        SELECT r."domain_id" INTO domain FROM "rollouts" r WHERE r."id" = whole ->> 'rollout_id';
        -- The rollout was deleted, and the step with it.
        IF domain IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;

    place := "next_event_seq"();
    INSERT INTO "events" ("seq", "at", "domain_id", "kind", "supervisor_id", "rollout_id", "from", "to", "actor", "reason", "changes", "row")
    VALUES (
        place, clock_timestamp(), domain,
        (entity || '_' || what)::"event_kind",
        CASE entity WHEN 'ROLLOUT_STEP' THEN whole ->> 'supervisor_id' END,
        CASE entity WHEN 'ROLLOUT_STEP' THEN whole ->> 'rollout_id' ELSE whole ->> 'id' END,
        from_state, to_state,
        coalesce(nullif(current_setting('muster.actor', true), ''), 'muster'),
        nullif(current_setting('muster.reason', true), ''),
        differing, whole
    );
    PERFORM pg_notify('muster_events', '');
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER "rollouts_record_event" AFTER INSERT OR UPDATE ON "rollouts"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_rollout_event"('ROLLOUT', 'accepted_failures');

CREATE CONSTRAINT TRIGGER "rollout_steps_record_event" AFTER INSERT OR UPDATE OR DELETE ON "rollout_steps"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_rollout_event"('ROLLOUT_STEP', 'healthy_mark');
