import { useMemo } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import { type Parts, type QueryOf, readQuery, writeQuery } from './query.ts';

/** The state of a view in the URL, and how it changes. */
export interface UrlQuery<Query> {
  readonly query: Query;
  /** Whether anything but the defaults stands in the URL. */
  readonly isSet: boolean;
  /** Changes some of it. Unless it changes the page, the list begins at its first page again. */
  change(some: Partial<Query>): void;
  /** The URL with some of it changed. */
  href(some: Partial<Query>): string;
  clear(): void;
}

/** The state of the view that is shown, of parts that have names and defaults (K6). */
export function useQuery<Given extends Parts>(parts: Given): UrlQuery<QueryOf<Given>> {
  const { navigation } = useServices();
  const { path, params } = navigation.place.value;
  return useMemo(() => {
    const query = readQuery(parts, params);
    const changed = (some: Partial<QueryOf<Given>>) => {
      const rest = 'page' in some ? query : readQueryWithoutPage(parts, params);
      return writeQuery(parts, { ...rest, ...some });
    };
    return {
      query,
      isSet: writeQuery(parts, query).size > 0,
      change: (some: Partial<QueryOf<Given>>) => navigation.go(path, changed(some)),
      href: (some: Partial<QueryOf<Given>>) => navigation.href(path, changed(some)),
      clear: () => navigation.go(path),
    };
  }, [parts, path, params, navigation]);
}

function readQueryWithoutPage<Given extends Parts>(parts: Given, params: URLSearchParams): QueryOf<Given> {
  const rest = new URLSearchParams(params);
  for (const name of ['after', 'before', 'offset']) rest.delete(name);
  return readQuery(parts, rest);
}
