import { badUserInput } from '../base/errors.ts';
import { isStorable, storableText } from '../base/validate.ts';
import type { Condition } from './condition.ts';

/** The key fields: those that a keyword is looked for in. */
const keywordFields = {
  supervisor: ['id', 'name', 'hostname'],
  plugin: ['supervisorId', 'pluginId'],
} as const;

/** Words of a keyword that count; further ones are ignored. */
const maxWords = 20;

/**
 * Parses a keyword: any of its words in any of the entity's key fields, as a part of the text, without regard to case
 * (query.md). A blank keyword is no condition.
 *
 * @throws DomainError BAD_USER_INPUT for text that the database can't store
 */
export function parseKeyword(entity: 'supervisor' | 'plugin', keyword: string | null | undefined): Condition {
  if (!isStorable(keyword ?? '')) throw badUserInput(['keyword'], storableText);
  const words = (keyword ?? '').trim().split(/\s+/).filter(Boolean).slice(0, maxWords);
  if (words.length === 0) return { all: [] };
  const containing = (field: string, value: string): Condition => ({
    field,
    operator: 'contains',
    value,
    insensitive: true,
  });
  return {
    any: words.flatMap((word) => [
      ...keywordFields[entity].map((field) => containing(field, word)),
      ...(entity === 'plugin' ? [{ related: 'supervisor', where: containing('hostname', word) } as const] : []),
    ]),
  };
}
