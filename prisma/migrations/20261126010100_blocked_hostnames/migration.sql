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

ALTER TYPE "event_kind" ADD VALUE 'HOSTNAME_BLOCKED';
ALTER TYPE "event_kind" ADD VALUE 'HOSTNAME_UNBLOCKED';

-- E1: the events of blocks, which only operators see. The setting `muster.actor` says who unblocks.
CREATE FUNCTION "record_block_event"() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    whole jsonb; who text; what text;
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
    PERFORM pg_advisory_xact_lock(x'6d7573746572'::bigint);
    INSERT INTO "events" ("seq", "at", "domain_id", "kind", "actor", "row")
    VALUES (nextval('events_seq'), clock_timestamp(), whole ->> 'domain_id', what::"event_kind", who, whole);
    PERFORM pg_notify('muster_events', '');
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER "blocked_hostnames_record_event" AFTER INSERT OR DELETE ON "blocked_hostnames"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "record_block_event"();
