/** The fields that a publish proposes, with their columns. */
const proposed = { name: 'name', isPublic: 'is_public', labels: 'labels', tags: 'tags' } as const;

/**
 * S3: whether a supervisor (`s`) still takes a proposal: neither registered, except before it is first seen (S2), nor set by
 * an operator.
 */
function takesProposal(field: keyof typeof proposed): string {
  return `((s.registered_at IS NULL OR s.awaits_first_publish) AND NOT '${field}' = ANY(s.operator_fields))`;
}

const fields = Object.keys(proposed) as (keyof typeof proposed)[];

/** S3: the assignments of what the report (`r`) proposes, for `UPDATE supervisors s SET`; fields left out stay. */
export const proposedSet = fields
  .map((field) => {
    const column = proposed[field];
    return `${column} = CASE WHEN ${takesProposal(field)} THEN coalesce(r."${field}", s.${column}) ELSE s.${column} END`;
  })
  .join(',\n    ');

/** S3: whether what the report (`r`) proposes makes any difference to the supervisor (`s`). */
export const proposesChange = fields
  .map((field) => `(${takesProposal(field)} AND s.${proposed[field]} <> r."${field}")`)
  .join('\n    OR ');
