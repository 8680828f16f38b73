-- Text is compared without regard to case by one rule in every database, whatever its locale: Unicode's simple mapping to
-- lower case, letter by letter, with one small sigma for both. `fold_case` says it for SQL, and
-- packages/core/src/query/foldCase.ts in memory; a test compares the two.
--
-- Most texts are of ASCII alone, and take a third of the time. ICU, which older versions need for the others, looks at a
-- letter's neighbours where it meets a capital sigma, and makes two characters of a capital I with a dot: neither comes to
-- it. The function is one expression, so that PostgreSQL puts it in place of each call.
DO $migration$
BEGIN
    EXECUTE format($create$
        CREATE FUNCTION "fold_case"("value" text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
            CASE WHEN octet_length("value") = char_length("value") THEN lower("value" COLLATE "C")
            ELSE lower(translate("value", U&'\0130\03A3\03C2', U&'i\03C3\03C3') COLLATE %I) COLLATE "C" END
    $create$, CASE WHEN current_setting('server_version_num')::int >= 170000 THEN 'pg_c_utf8' ELSE 'und-x-icu' END);
END
$migration$;
