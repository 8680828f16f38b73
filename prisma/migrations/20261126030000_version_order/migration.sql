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

-- The order of a domain's list by VERSION.
DROP INDEX "plugins_domain_id_version_id_idx";
CREATE INDEX "plugins_domain_id_version_sort_key_id_idx" ON "plugins"("domain_id", "version_sort_key"("version"), "id");
