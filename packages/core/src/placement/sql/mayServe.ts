/**
 * P8: SQL for "a plugin on this supervisor (`s`, with lease `l`) may be handed out". A supervisor that is held (L6) is
 * still ENABLED after its lease ran out. A DISABLED one stays DISABLED then, so the lease is asked for there.
 *
 * @param clockOffsetMs the placeholder of how far ahead the clock is read
 */
export const isServing = (clockOffsetMs: string) => `(s.state = 'ENABLED'
    OR (s.state = 'DISABLED' AND l.expires_at > now() + ${clockOffsetMs}::float8 * interval '1 millisecond'))`;

/**
 * M4: SQL for "this plugin (`p`) is handed out there, or may be once it is ACTIVE". One that is ACTIVE without an
 * endpoint never is.
 */
export const mayServe = (clockOffsetMs: string) => `(${isServing(clockOffsetMs)}
    AND (p.state <> 'ACTIVE' OR p.endpoint IS NOT NULL OR cardinality(p.endpoints) > 0))`;
