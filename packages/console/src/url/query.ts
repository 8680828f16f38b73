/** How one part of a view's state stands in the URL. A part that has its default stands there not at all. */
export interface Part<Value> {
  read(params: URLSearchParams, name: string): Value;
  write(params: URLSearchParams, name: string, value: Value): void;
}

/** A text; empty for none. */
export const text: Part<string> = {
  read: (params, name) => params.get(name) ?? '',
  write: (params, name, value) => {
    if (value !== '') params.set(name, value);
  },
};

/** One of some words; null for none. */
export function oneOf<const Word extends string>(words: readonly Word[]): Part<Word | null> {
  return {
    read: (params, name) => words.find((word) => word === params.get(name)) ?? null,
    write: (params, name, value) => {
      if (value !== null) params.set(name, value);
    },
  };
}

/** Some of some words, in the order of these; none for all. */
export function someOf<const Word extends string>(words: readonly Word[]): Part<readonly Word[]> {
  return {
    read: (params, name) => {
      const given = new Set(params.get(name)?.split(','));
      return words.filter((word) => given.has(word));
    },
    write: (params, name, value) => {
      if (value.length > 0) params.set(name, words.filter((word) => value.includes(word)).join(','));
    },
  };
}

/** Texts, each in its own parameter. */
export const texts: Part<readonly string[]> = {
  read: (params, name) => params.getAll(name).filter((each) => each !== ''),
  write: (params, name, value) => {
    for (const each of value) if (each !== '') params.append(name, each);
  },
};

/** True, false, or null for either. */
export const yesOrNo: Part<boolean | null> = {
  read: (params, name) => ({ yes: true, no: false })[params.get(name) ?? ''] ?? null,
  write: (params, name, value) => {
    if (value !== null) params.set(name, value ? 'yes' : 'no');
  },
};

/** A column, and its direction: `name`, or `-name` from the end. */
export interface Sorting<Column extends string> {
  readonly column: Column;
  readonly descends: boolean;
}

/** How rows are sorted; by default as given. */
export function sortedBy<const Column extends string>(
  columns: readonly Column[],
  fallback: Sorting<NoInfer<Column>>,
): Part<Sorting<Column>> {
  return {
    read: (params, name) => {
      const given = params.get(name) ?? '';
      const column = columns.find((each) => each === given.replace(/^-/, ''));
      return column === undefined ? fallback : { column, descends: given.startsWith('-') };
    },
    write: (params, name, { column, descends }) => {
      if (column !== fallback.column || descends !== fallback.descends) {
        params.set(name, descends ? `-${column}` : column);
      }
    },
  };
}

/** Which page of a list is shown: the first, or the one behind or before a cursor. */
export interface Paging {
  readonly after: string | null;
  readonly before: string | null;
  /** The number of rows before the page, as far as it was paged through. */
  readonly offset: number;
}

export const firstPage: Paging = { after: null, before: null, offset: 0 };

/** The page of a list, under three names that are always the same. */
export const paging: Part<Paging> = {
  read: (params) => {
    const after = params.get('after') || null;
    const before = after === null ? params.get('before') || null : null;
    const offset = Number(params.get('offset'));
    if (after === null && before === null) return firstPage;
    return { after, before, offset: Number.isSafeInteger(offset) && offset > 0 ? offset : 0 };
  },
  write: (params, _name, { after, before, offset }) => {
    if (after !== null) params.set('after', after);
    else if (before !== null) params.set('before', before);
    if ((after !== null || before !== null) && offset > 0) params.set('offset', String(offset));
  },
};

export type Parts = Readonly<Record<string, Part<unknown>>>;

/** The state that parts stand for. */
export type QueryOf<Given> = { readonly [Name in keyof Given]: Given[Name] extends Part<infer Value> ? Value : never };

/** Reads the state of a view from a URL's parameters: what isn't understood counts as absent. */
export function readQuery<Given extends Parts>(parts: Given, params: URLSearchParams): QueryOf<Given> {
  const entries = Object.entries(parts).map(([name, part]) => [name, part.read(params, name)]);
  return Object.fromEntries(entries);
}

/** Writes the state of a view as a URL's parameters. */
export function writeQuery<Given extends Parts>(parts: Given, query: QueryOf<Given>): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, part] of Object.entries(parts)) part.write(params, name, query[name]);
  return params;
}
