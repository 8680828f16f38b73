/**
 * P1, M4: whether a plugin (`p`) on a supervisor (`s`) counts as installed there, whatever its state. An unmanaged
 * plugin, which an agent runs without being asked to, counts only where an install could make it managed.
 */
export const countsAsThere = `(p.wanted AND (p.managed OR (s.state = 'ENABLED' AND NOT s.cordoned)))`;
