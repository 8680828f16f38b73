/** The media types that a result of JSON may be sent in. */
export type ResultType = 'application/json' | 'application/graphql-response+json';

/** The media type of server-sent events, by which alone a subscription is answered over HTTP. */
const eventStream = 'text/event-stream';

/** All media types that a query or a mutation can be answered in. */
const answerTypes = ['application/json', 'application/graphql-response+json', eventStream, 'multipart/mixed'];

const ofRange: Readonly<Record<string, ResultType>> = {
  'application/json': 'application/json',
  'application/graphql-response+json': 'application/graphql-response+json',
  'application/*': 'application/json',
  '*/*': 'application/json',
};

/**
 * The type in which a result is sent, by yoga's rule: the first accepted one that is one of ours, whatever the weights
 * say.
 *
 * @param accept the header
 * @returns null where none of ours is accepted, or where a charset is asked for: such requests are for yoga
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

/** Whether a client accepts any answer that there is: to a query, a mutation, or a refused request. */
export function acceptsAnswer(accept: string | undefined): boolean {
  return resultType(accept) !== null || acceptsAny(accept, answerTypes);
}

/** Whether a client accepts the answer to a subscription. */
export function acceptsStream(accept: string | undefined): boolean {
  return acceptsAny(accept, [eventStream]);
}

/** Whether a client reads nothing but server-sent events, and no body of another status than 200 either. */
export function acceptsOnlyStream(accept: string | undefined): boolean {
  return resultType(accept) === null && acceptsStream(accept);
}

/** The message of the refusal of a request that accepts none of the types that fit. */
export function notAcceptable(accept: string | undefined, isSubscription: boolean): string {
  const types = isSubscription ? [eventStream] : answerTypes;
  return `expected to be asked for ${types.join(', ')}; got ${JSON.stringify((accept ?? '*/*').slice(0, 200))}`;
}

/** By yoga's rule, which sends the answer. */
function acceptsAny(accept: string | undefined, types: readonly string[]): boolean {
  return rangesIn(accept).some((range) => types.some((type) => isInRange(type, range)));
}

/** The ranges of a header, without those that ask for another charset than UTF-8. */
function rangesIn(accept: string | undefined): string[] {
  const ranges = (accept || '*/*').replaceAll(/\s/g, '').toLowerCase().split(',');
  return ranges.flatMap((range) => {
    const [type = '', ...parameters] = range.split(';');
    const charset = parameters.find((parameter) => parameter.includes('charset='));
    return charset === undefined || charset === 'charset=utf-8' ? [type] : [];
  });
}

function isInRange(type: string, range: string): boolean {
  const [main, sub] = type.split('/');
  const [mainRange, subRange] = range.split('/');
  return (mainRange === '*' || mainRange === main) && (subRange === '*' || subRange === sub);
}
