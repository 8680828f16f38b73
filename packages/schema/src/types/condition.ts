import { builder } from '../builder.ts';

interface ConditionShape {
  type: string;
  since: Date;
  message: string;
  count: number | null;
  lastAt: Date | null;
  lastAddress: string | null;
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
    count: t.exposeInt('count', {
      nullable: true,
      description: 'The number of refused requests, of IDENTITY_REFUSED; null for any other type.',
    }),
    lastAt: t.expose('lastAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time of the last of them, to the minute; null for any other type.',
    }),
    lastAddress: t.exposeString('lastAddress', {
      nullable: true,
      description: 'The address that the last of them came from; null where it is not known, and for any other type.',
    }),
  }),
});

/** The conditions in the JSON column of a supervisor's row. */
export function conditionsOf(stored: unknown): ConditionShape[] {
  if (!Array.isArray(stored)) return [];
  return stored.map(({ type, since, message, count, lastAt, lastAddress }) => ({
    type,
    since: new Date(since),
    message,
    count: count ?? null,
    lastAt: lastAt == null ? null : new Date(lastAt),
    lastAddress: lastAddress ?? null,
  }));
}
