import { pairsOf } from '../../ui/pairs.ts';
import { oneOf, paging, type QueryOf, text } from '../../url/query.ts';

/** The state of the placement that its URL has. */
export const placeParts = {
  plugin: text,
  version: text,
  /** One `key=value` a line. */
  labels: text,
  domain: text,
  public: oneOf(['no']),
  page: paging,
};

export type PlaceQuery = QueryOf<typeof placeParts>;

/** Whether there is something to ask. */
export const isAsked = ({ plugin, version }: PlaceQuery) => plugin !== '' && version !== '';

/** The arguments of an install that a URL stands for: the same for the explanation and the install. */
export function wishOf({ plugin, version, labels, domain, public: allows }: PlaceQuery) {
  const { pairs } = pairsOf(labels);
  return {
    ...(domain !== '' && { domainId: domain }),
    pluginId: plugin,
    version,
    ...(Object.keys(pairs).length > 0 && { labels: pairs }),
    ...(allows === 'no' && { allowPublic: false }),
  };
}
