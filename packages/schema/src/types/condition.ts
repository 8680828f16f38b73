import { builder } from '../builder.ts';

interface ConditionShape {
  type: string;
  since: Date;
  message: string;
}

/** A lasting problem of a supervisor. */
export const Condition = builder.objectRef<ConditionShape>('Condition').implement({
  description: 'A lasting problem of a supervisor.',
  fields: (t) => ({
    type: t.exposeString('type', {
      description: 'The kind of problem, as a word for programs, such as DUPLICATE_AGENT.',
    }),
    since: t.expose('since', { type: 'DateTime', description: 'The time when the problem was noticed.' }),
    message: t.exposeString('message', { description: 'The problem in words for people.' }),
  }),
});

/** The conditions in the JSON column of a supervisor's row. */
export function conditionsOf(stored: unknown): ConditionShape[] {
  if (!Array.isArray(stored)) return [];
  return stored.map(({ type, since, message }) => ({ type, since: new Date(since), message }));
}
