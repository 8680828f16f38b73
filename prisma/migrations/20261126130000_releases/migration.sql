-- C1: the catalogue of releases.

ALTER TYPE "event_kind" ADD VALUE 'RELEASE_PUBLISHED';
ALTER TYPE "event_kind" ADD VALUE 'RELEASE_RETIRED';

CREATE TABLE "releases" (
    "id" TEXT COLLATE "C" NOT NULL,
    -- Null for a public release, which is an ADMIN's.
    "domain_id" TEXT COLLATE "C",
    "is_public" BOOLEAN GENERATED ALWAYS AS ("domain_id" IS NULL) STORED NOT NULL,
    "plugin_id" TEXT COLLATE "C" NOT NULL,
    "version" TEXT COLLATE "C" NOT NULL,
    "version_key" TEXT COLLATE "C" GENERATED ALWAYS AS ("version_sort_key"("version")) STORED NOT NULL,
    "spec" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "retired_at" TIMESTAMPTZ(3),
    "retired_by" TEXT,
    CONSTRAINT "releases_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "releases_id_format" CHECK ("id" ~ '^release-[0-9a-f]{12}$'),
    CONSTRAINT "releases_domain_id_format" CHECK ("domain_id" ~ '^[A-Za-z0-9._-]{1,64}$'),
    CONSTRAINT "releases_plugin_id_length" CHECK (char_length("plugin_id") BETWEEN 1 AND 255),
    CONSTRAINT "releases_version_length" CHECK (char_length("version") BETWEEN 1 AND 255),
    CONSTRAINT "releases_spec_object" CHECK (jsonb_typeof("spec") = 'object'),
    CONSTRAINT "releases_retired" CHECK (("retired_at" IS NULL) = ("retired_by" IS NULL))
);

-- One public release of a version, as one of each domain. The domain comes last: a plugin's own release and the public one
-- are looked for together.
CREATE UNIQUE INDEX "releases_plugin_id_version_domain_id_key" ON "releases"("plugin_id", "version", "domain_id") NULLS NOT DISTINCT;
CREATE INDEX "releases_domain_id_plugin_id_version_key_id_idx" ON "releases"("domain_id", "plugin_id", "version_key", "id");

-- C1: published once and never changed, by no statement.
CREATE FUNCTION "keep_release"() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD."retired_at" IS NOT NULL
        OR to_jsonb(NEW) - ARRAY['retired_at', 'retired_by', 'is_public', 'version_key']
            IS DISTINCT FROM to_jsonb(OLD) - ARRAY['retired_at', 'retired_by', 'is_public', 'version_key'] THEN
        RAISE EXCEPTION 'a release never changes, but that it is retired once';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER "releases_keep" BEFORE UPDATE ON "releases" FOR EACH ROW EXECUTE FUNCTION "keep_release"();

-- A8: retired releases leave room for others. No domain is called `*`: it has the public ones.
ALTER TABLE "domain_usage" ADD COLUMN "releases" INTEGER NOT NULL DEFAULT 0;

CREATE FUNCTION "count_releases"() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "domain_usage" AS "u" ("domain_id", "releases")
    VALUES (coalesce(NEW."domain_id", '*'), CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END)
    ON CONFLICT ("domain_id") DO UPDATE SET "releases" = "u"."releases" + excluded."releases";
    RETURN NULL;
END
$$;

CREATE TRIGGER "releases_count_published" AFTER INSERT ON "releases" FOR EACH ROW EXECUTE FUNCTION "count_releases"();

CREATE TRIGGER "releases_count_retired" AFTER UPDATE OF "retired_at" ON "releases" FOR EACH ROW
WHEN (OLD."retired_at" IS NULL AND NEW."retired_at" IS NOT NULL) EXECUTE FUNCTION "count_releases"();

-- E1: the events of releases.
ALTER TABLE "events" ADD COLUMN "release_id" TEXT COLLATE "C";

-- The argument is the kind. The spec never changes, and is not repeated.
CREATE FUNCTION "record_release_event"() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
BEGIN
    place := "next_event_seq"();
    INSERT INTO "events" ("seq", "at", "domain_id", "kind", "release_id", "actor", "row")
    VALUES (
        place, clock_timestamp(), coalesce(NEW."domain_id", '*'), TG_ARGV[0]::"event_kind", NEW."id",
        coalesce(NEW."retired_by", NEW."created_by"), to_jsonb(NEW) - ARRAY['spec', 'version_key']
    );
    PERFORM pg_notify('muster_events', '');
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER "releases_record_published" AFTER INSERT ON "releases"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "record_release_event"('RELEASE_PUBLISHED');

CREATE CONSTRAINT TRIGGER "releases_record_retired" AFTER UPDATE OF "retired_at" ON "releases"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW."retired_at" IS NOT NULL AND OLD."retired_at" IS NULL)
EXECUTE FUNCTION "record_release_event"('RELEASE_RETIRED');
