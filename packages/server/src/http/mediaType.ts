/** What a result is sent as. */
export type ResultType = 'application/json' | 'application/graphql-response+json';

const ofRange: Readonly<Record<string, ResultType>> = {
  'application/json': 'application/json',
  'application/graphql-response+json': 'application/graphql-response+json',
  'application/*': 'application/json',
  '*/*': 'application/json',
};

/**
 * The type in which a result is sent to whoever accepts these, by yoga's rule: the first that is one of ours, whatever
 * the weights say.
 *
 * @param accept the header
 * @returns null where there is none, or where a charset is asked for: that is for yoga to see to
 */
export function resultType(accept: string | undefined): ResultType | null {
  if (accept === undefined || accept === 'application/json') return 'application/json';
  if (accept.includes('charset')) return null;
  for (const range of accept.split(',')) {
    const found = ofRange[range.split(';', 1)[0]?.trim().toLowerCase() ?? ''];
    if (found) return found;
  }
  return null;
}
