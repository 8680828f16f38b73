import { builder } from '../builder.ts';

interface ConditionShape {
  type: string;
  since: Date;
  message: string;
}

export const Condition = builder.objectRef<ConditionShape>('Condition').implement({
  description: 'Something that is wrong, and lasts.',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'What, in a word for programs.' }),
    since: t.expose('since', { type: 'DateTime', description: 'Since when.' }),
    message: t.exposeString('message', { description: 'What, in words for people.' }),
  }),
});

/** A supervisor's conditions, as its row has them. */
export function conditionsOf(stored: unknown): ConditionShape[] {
  if (!Array.isArray(stored)) return [];
  return stored.map(({ type, since, message }) => ({ type, since: new Date(since), message }));
}
