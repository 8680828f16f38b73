-- The event log (domain.md, E1 to E3).
--
-- E1: the triggers below write it, so that no code path can forget it.
-- E2: they are deferred to commit, where they take one lock that is held until the transaction is visible, and
-- number the event under it. So the numbers are the order of commits: whoever sees event n has seen, or can now
-- see, every event below n. A sequence read at the time of the change would not give that (a reader passes a number
-- whose transaction is still open), nor would (transaction id, sequence): a transaction that began first but
-- waited for a row would come before the change that it waited for. The lock costs little beside NOTIFY,
-- which makes commits take turns anyhow; and a long transaction holds nobody up, since it takes the lock at its end.

CREATE TYPE "event_kind" AS ENUM ('SUPERVISOR_CREATED', 'SUPERVISOR_STATE_CHANGED', 'SUPERVISOR_UPDATED', 'SUPERVISOR_DELETED', 'PLUGIN_CREATED', 'PLUGIN_STATE_CHANGED', 'PLUGIN_UPDATED', 'PLUGIN_DELETED');

CREATE TABLE "events" (
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "domain_id" TEXT COLLATE "C" NOT NULL,
    "kind" "event_kind" NOT NULL,
    "supervisor_id" TEXT COLLATE "C" NOT NULL,
    "plugin_instance_id" TEXT COLLATE "C",
    "from" TEXT,
    "to" TEXT,
    "actor" TEXT,
    "reason" TEXT,
    "changes" JSONB,
    "row" JSONB NOT NULL,

    CONSTRAINT "events_pkey" PRIMARY KEY ("seq")
);

CREATE SEQUENCE "events_seq" OWNED BY "events"."seq";

CREATE INDEX "events_domain_id_seq_idx" ON "events"("domain_id", "seq");

CREATE INDEX "events_supervisor_id_seq_idx" ON "events"("supervisor_id", "seq");

CREATE INDEX "events_plugin_instance_id_seq_idx" ON "events"("plugin_instance_id", "seq");

CREATE TABLE "event_log" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "log_id" TEXT NOT NULL,
    "trimmed_through" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "event_log_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "event_log_single" CHECK ("id" = 1)
);

INSERT INTO "event_log" ("log_id") VALUES (substr(replace(gen_random_uuid()::text, '-', ''), 1, 12));

-- Arguments: the entity's name in event kinds, then the columns that no viewer sees.
-- Who made a change and why stand in the row (`actor`, `reason`). A deletion has no new row: there they stand in the
-- transaction's setting `muster.deletions`, `{id: {actor, reason}}`, or, for all that it deletes, in `muster.actor`
-- and `muster.reason`.
CREATE FUNCTION "record_event"() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    entity constant text := TG_ARGV[0];
    hidden constant text[] := TG_ARGV[1:];
    -- What every change changes: alone it is none.
    stamps constant text[] := ARRAY['updated_at', 'state_changed_at'];
    whole jsonb;
    old_row jsonb;
    new_row jsonb;
    differing jsonb;
    told jsonb;
    what text;
    from_state text;
    to_state text;
    who text;
    why text;
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
        told := nullif(current_setting('muster.deletions', true), '')::jsonb -> OLD."id";
        who := coalesce(told ->> 'actor', nullif(current_setting('muster.actor', true), ''));
        why := coalesce(told ->> 'reason', nullif(current_setting('muster.reason', true), ''));
    ELSE
        who := NEW."actor";
        why := NEW."reason";
    END IF;
    whole := coalesce(new_row, old_row);

    -- 0x6d7573746572 is "muster" in ASCII: the lock that makes the numbers below the order of commits.
    PERFORM pg_advisory_xact_lock(x'6d7573746572'::bigint);
    INSERT INTO "events" ("seq", "at", "domain_id", "kind", "supervisor_id", "plugin_instance_id", "from", "to", "actor", "reason", "changes", "row")
    VALUES (
        nextval('events_seq'),
        clock_timestamp(),
        whole ->> 'domain_id',
        (entity || '_' || what)::"event_kind",
        CASE entity WHEN 'SUPERVISOR' THEN whole ->> 'id' ELSE whole ->> 'supervisor_id' END,
        CASE entity WHEN 'PLUGIN' THEN whole ->> 'id' END,
        from_state,
        to_state,
        who,
        why,
        differing,
        whole
    );
    -- Wakes the tail of every replica. It carries no data: a wake-up may be lost, the log may not.
    PERFORM pg_notify('muster_events', '');
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER "supervisors_record_event" AFTER INSERT OR UPDATE OR DELETE ON "supervisors"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_event"('SUPERVISOR', 'operator_fields', 'secret_hash', 'secret_open', 'actor', 'reason');

CREATE CONSTRAINT TRIGGER "plugins_record_event" AFTER INSERT OR UPDATE OR DELETE ON "plugins"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "record_event"('PLUGIN', 'deadline_at', 'missing_reports', 'missing_since', 'actor');
