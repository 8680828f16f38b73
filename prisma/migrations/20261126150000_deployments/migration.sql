-- C2 to C4: deployments, which the control plane keeps fulfilled (docs/deployments.md).

CREATE TYPE "deployment_mode" AS ENUM ('ALL', 'COUNT');
ALTER TYPE "event_kind" ADD VALUE 'DEPLOYMENT_CREATED';
ALTER TYPE "event_kind" ADD VALUE 'DEPLOYMENT_UPDATED';
ALTER TYPE "event_kind" ADD VALUE 'DEPLOYMENT_DELETED';

CREATE TABLE "deployments" (
    "id" TEXT COLLATE "C" NOT NULL,
    "domain_id" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "plugin_id" TEXT COLLATE "C" NOT NULL,
    "version" TEXT COLLATE "C" NOT NULL,
    -- Since when this version is asked for: a rollout that was halted before that bars nothing.
    "version_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- M1: the labels that a supervisor must have, and the filter that it must meet, as it was given.
    "labels" JSONB NOT NULL DEFAULT '{}',
    "filter" JSONB,
    "allow_public" BOOLEAN NOT NULL DEFAULT false,
    "mode" "deployment_mode" NOT NULL,
    "count" INTEGER,
    "spread_by" TEXT COLLATE "C",
    "max_unavailable" INTEGER NOT NULL,
    "replace_after_seconds" INTEGER,
    -- R1 to R5: the settings of the rollout that a change of version is.
    "rollout_settings" JSONB NOT NULL,
    "is_paused" BOOLEAN NOT NULL DEFAULT false,
    -- The last rollout to the version.
    "rollout_id" TEXT COLLATE "C",
    -- The status, as the last round found it.
    "desired" INTEGER NOT NULL DEFAULT 0,
    "active" INTEGER NOT NULL DEFAULT 0,
    "updating" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    -- Why it isn't whole, as `[{type, since, message}]`.
    "conditions" JSONB NOT NULL DEFAULT '[]',
    "actor" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "deployments_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "deployments_id_format" CHECK ("id" ~ '^deployment-[0-9a-f]{12}$'),
    CONSTRAINT "deployments_domain_id_format" CHECK ("domain_id" ~ '^[A-Za-z0-9._-]{1,64}$'),
    CONSTRAINT "deployments_name_length" CHECK (char_length("name") BETWEEN 1 AND 255),
    CONSTRAINT "deployments_plugin_id_length" CHECK (char_length("plugin_id") BETWEEN 1 AND 255),
    CONSTRAINT "deployments_version_length" CHECK (char_length("version") BETWEEN 1 AND 255),
    CONSTRAINT "deployments_labels_object" CHECK (jsonb_typeof("labels") = 'object'),
    CONSTRAINT "deployments_filter_object" CHECK (jsonb_typeof("filter") = 'object'),
    CONSTRAINT "deployments_mode" CHECK (
        CASE "mode" WHEN 'COUNT' THEN "count" IS NOT NULL AND "count" >= 0
        ELSE "count" IS NULL AND "spread_by" IS NULL AND "replace_after_seconds" IS NULL END),
    CONSTRAINT "deployments_max_unavailable" CHECK ("max_unavailable" >= 1)
);
CREATE UNIQUE INDEX "deployments_domain_id_name_key" ON "deployments"("domain_id", "name");
CREATE INDEX "deployments_name_id_idx" ON "deployments"("name", "id");
CREATE INDEX "deployments_domain_id_plugin_id_id_idx" ON "deployments"("domain_id", "plugin_id", "id");
CREATE INDEX "deployments_domain_id_created_at_id_idx" ON "deployments"("domain_id", "created_at", "id");

-- The deployment that a plugin is kept for; null for a one-off install.
ALTER TABLE "plugins" ADD COLUMN "deployment_id" TEXT COLLATE "C";
CREATE INDEX "plugins_deployment_id_idx" ON "plugins"("deployment_id", "id") WHERE "deployment_id" IS NOT NULL;

-- The deployment whose change of version a rollout is; null for one that an operator began.
ALTER TABLE "rollouts" ADD COLUMN "deployment_id" TEXT COLLATE "C";

ALTER TABLE "events" ADD COLUMN "deployment_id" TEXT COLLATE "C";
CREATE INDEX "events_deployment_id_seq_idx" ON "events"("deployment_id", "seq");

-- M7: through which event the deployments have been reconciled. The one replica that reconciles locks the row.
CREATE TABLE "deployment_progress" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "seq" BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT "deployment_progress_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "deployment_progress_single" CHECK ("id" = 1)
);
INSERT INTO "deployment_progress" DEFAULT VALUES;

-- A8: how many deployments a domain has.
ALTER TABLE "domain_usage" ADD COLUMN "deployments" INTEGER NOT NULL DEFAULT 0;

CREATE FUNCTION "count_deployments"() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "domain_usage" AS "u" ("domain_id", "deployments")
    VALUES (
        CASE TG_OP WHEN 'INSERT' THEN NEW."domain_id" ELSE OLD."domain_id" END,
        CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END)
    ON CONFLICT ("domain_id") DO UPDATE SET "deployments" = "u"."deployments" + excluded."deployments";
    RETURN NULL;
END
$$;

CREATE TRIGGER "deployments_count" AFTER INSERT OR DELETE ON "deployments"
FOR EACH ROW EXECUTE FUNCTION "count_deployments"();

-- E1: the events of deployments: of what is asked for, and of the status. The transaction's settings `muster.actor` and
-- `muster.reason` say who and why; without them, the control plane itself did it.
CREATE FUNCTION "record_deployment_event"() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    old_row jsonb; new_row jsonb; whole jsonb; differing jsonb; what text; place bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        old_row := to_jsonb(OLD);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        new_row := to_jsonb(NEW);
    END IF;
    IF TG_OP = 'INSERT' THEN
        what := 'CREATED';
    ELSIF TG_OP = 'DELETE' THEN
        what := 'DELETED';
    ELSE
        IF old_row = new_row THEN
            RETURN NULL;
        END IF;
        what := 'UPDATED';
        SELECT jsonb_object_agg(n.key, jsonb_build_object('from', old_row -> n.key, 'to', n.value))
        INTO differing
        FROM jsonb_each(new_row) AS n
        WHERE n.value IS DISTINCT FROM old_row -> n.key;
    END IF;
    whole := coalesce(new_row, old_row);

    place := "next_event_seq"();
    INSERT INTO "events" ("seq", "at", "domain_id", "kind", "deployment_id", "actor", "reason", "changes", "row")
    VALUES (
        place, clock_timestamp(), whole ->> 'domain_id', ('DEPLOYMENT_' || what)::"event_kind", whole ->> 'id',
        coalesce(nullif(current_setting('muster.actor', true), ''), 'muster'),
        nullif(current_setting('muster.reason', true), ''),
        differing, whole
    );
    PERFORM pg_notify('muster_events', '');
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER "deployments_record_event" AFTER INSERT OR UPDATE OR DELETE ON "deployments"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "record_deployment_event"();
